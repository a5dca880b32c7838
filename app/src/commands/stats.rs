//! `teu stats`.

use super::{Outcome, print};
use crate::arguments::StatsArguments;
use crate::output::{self, Format, Row};
use std::collections::HashMap;
use std::io::{self, IsTerminal as _};
use std::thread;
use std::time::Duration;
use teu_api::stats::StatsSample;
use teu_api::{ContainerId, Failure};
use teu_core::{ContainerRecord, Engine, StatsReader};

const TABLE: &str =
    r"{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";

const HEADINGS: [(&str, &str); 9] = [
    ("Container", "CONTAINER"),
    ("ID", "CONTAINER ID"),
    ("Name", "NAME"),
    ("CPUPerc", "CPU %"),
    ("MemUsage", "MEM USAGE / LIMIT"),
    ("MemPerc", "MEM %"),
    ("NetIO", "NET I/O"),
    ("BlockIO", "BLOCK I/O"),
    ("PIDs", "PIDS"),
];

/// How long a first figure takes, and how often the table is drawn anew.
const FIRST: Duration = Duration::from_millis(250);
const PERIOD: Duration = Duration::from_secs(1);

/// Shows what containers use, once or over and over.
pub fn run(engine: &Engine, arguments: &StatsArguments) -> Outcome {
    let format = Format::parse(arguments.format.as_deref(), TABLE, None)?;
    let mut reader = StatsReader::default();
    let mut earlier = sample(engine, arguments, &mut reader)?;
    thread::sleep(FIRST);
    loop {
        let now = sample(engine, arguments, &mut reader)?;
        let before: HashMap<&ContainerId, &StatsSample> =
            earlier.iter().map(|(record, sample)| (&record.id, sample)).collect();
        let rows: Vec<Row> = now
            .iter()
            .enumerate()
            .map(|(at, (record, sample))| {
                // What the user called it, as Docker has it.
                let called = arguments.containers.get(at).map_or(record.id.short(), String::as_str);
                row(record, called, sample, before.get(&record.id).copied(), arguments.no_trunc)
            })
            .collect();
        if !arguments.no_stream && io::stdout().is_terminal() {
            // To the top left, and everything below cleared.
            print("\x1b[H\x1b[J")?;
        }
        print(&format.render(&HEADINGS, &rows)?)?;
        if arguments.no_stream {
            return Ok(0);
        }
        earlier = now;
        thread::sleep(PERIOD);
    }
}

fn sample(
    engine: &Engine,
    arguments: &StatsArguments,
    reader: &mut StatsReader,
) -> Result<Vec<(ContainerRecord, StatsSample)>, Failure> {
    let records = if arguments.containers.is_empty() {
        let mut all = engine.store().containers()?;
        all.retain(|record| arguments.all || record.state.status.is_live());
        all.sort_by_key(|record| std::cmp::Reverse(record.created_at));
        all
    } else {
        arguments.containers.iter().map(|name| engine.find(name)).collect::<Result<_, _>>()?
    };
    Ok(records
        .into_iter()
        .map(|record| {
            let sample = reader.sample(&record).unwrap_or_default();
            (record, sample)
        })
        .collect())
}

fn row(
    record: &ContainerRecord,
    called: &str,
    sample: &StatsSample,
    before: Option<&StatsSample>,
    whole: bool,
) -> Row {
    let cpu = before.map_or(0.0, |before| sample.cpu_percent_since(before));
    let pair = |first: u64, second: u64| {
        format!("{} / {}", output::decimal_digits(first, 3), output::decimal_digits(second, 3))
    };
    let memory =
        format!("{} / {}", output::binary_size(sample.memory), output::binary_size(sample.memory_limit));
    Row::new([
        ("Container", called.to_owned()),
        ("ID", if whole { record.id.to_string() } else { record.id.short().to_owned() }),
        ("Name", record.name.clone()),
        ("CPUPerc", format!("{cpu:.2}%")),
        ("MemUsage", memory),
        ("MemPerc", format!("{:.2}%", sample.memory_percent())),
        ("NetIO", pair(sample.network_rx, sample.network_tx)),
        ("BlockIO", pair(sample.block_read, sample.block_write)),
        ("PIDs", sample.pids.to_string()),
    ])
    .labels(&record.spec.labels)
}
