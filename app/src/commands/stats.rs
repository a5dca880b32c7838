//! `teu stats`.

use super::{Outcome, listing, print, words};
use crate::arguments::StatsArguments;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{self, IsTerminal as _};
use std::thread;
use std::time::Duration;
use teu_api::stats::StatsSample;
use teu_api::{ContainerId, Failure};
use teu_core::{ContainerRecord, Engine, StatsReader};

const COLUMNS: [listing::Column; 8] = [
    ("CONTAINER ID", "ID"),
    ("NAME", "Name"),
    ("CPU %", "CPUPerc"),
    ("MEM USAGE / LIMIT", "MemUsage"),
    ("MEM %", "MemPerc"),
    ("NET I/O", "NetIO"),
    ("BLOCK I/O", "BlockIO"),
    ("PIDS", "PIDs"),
];

/// How long a first figure takes, and how often the table is drawn anew.
const FIRST: Duration = Duration::from_millis(250);
const PERIOD: Duration = Duration::from_secs(1);

/// Shows what containers use, once or over and over.
pub fn run(engine: &Engine, arguments: &StatsArguments) -> Outcome {
    let mut reader = StatsReader::default();
    let mut earlier = sample(engine, arguments, &mut reader)?;
    thread::sleep(FIRST);
    loop {
        let now = sample(engine, arguments, &mut reader)?;
        let before: HashMap<&ContainerId, &StatsSample> = earlier.iter().map(|(record, sample)| (&record.id, sample)).collect();
        let rows: Vec<Value> = now.iter().map(|(record, sample)| row(record, sample, before.get(&record.id).copied(), arguments.no_trunc)).collect();
        if !arguments.no_stream && io::stdout().is_terminal() {
            // To the top left, and everything below cleared.
            print("\x1b[H\x1b[J")?;
        }
        listing::print(&rows, &COLUMNS, arguments.format.as_deref())?;
        if arguments.no_stream {
            return Ok(0);
        }
        earlier = now;
        thread::sleep(PERIOD);
    }
}

fn sample(engine: &Engine, arguments: &StatsArguments, reader: &mut StatsReader) -> Result<Vec<(ContainerRecord, StatsSample)>, Failure> {
    let records = if arguments.containers.is_empty() {
        let mut all = engine.store().containers()?;
        all.retain(|record| arguments.all || record.state.status.is_live());
        all.sort_by_key(|record| std::cmp::Reverse(record.created_at));
        all
    } else {
        arguments.containers.iter().map(|name| engine.find(name)).collect::<Result<_, _>>()?
    };
    Ok(records.into_iter().map(|record| {
        let sample = reader.sample(&record).unwrap_or_default();
        (record, sample)
    }).collect())
}

fn row(record: &ContainerRecord, sample: &StatsSample, before: Option<&StatsSample>, whole: bool) -> Value {
    let cpu = before.map_or(0.0, |before| sample.cpu_percent_since(before));
    let pair = |first: u64, second: u64| format!("{} / {}", words::size(first), words::size(second));
    json!({
        "Container": record.id.short(),
        "ID": if whole { record.id.as_str() } else { record.id.short() },
        "Name": record.name,
        "CPUPerc": format!("{cpu:.2}%"),
        "MemUsage": format!("{} / {}", words::binary_size(sample.memory), words::binary_size(sample.memory_limit)),
        "MemPerc": format!("{:.2}%", sample.memory_percent()),
        "NetIO": pair(sample.network_rx, sample.network_tx),
        "BlockIO": pair(sample.block_read, sample.block_write),
        "PIDs": sample.pids.to_string(),
    })
}
