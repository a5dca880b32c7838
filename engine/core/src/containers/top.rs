//! `top`: the processes of a container.

use crate::engine::Engine;
use std::path::Path;
use std::process::Command;
use teu_api::Failure;
use teu_runtime::cgroup::Cgroup;
use teu_store::ContainerRecord;

/// A table of processes as ps(1) prints it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessTable {
    /// The columns' titles.
    pub titles: Vec<String>,
    /// One row for each process.
    pub rows: Vec<Vec<String>>,
}

impl Engine {
    /// The processes of a running container. `options` go to the host's ps, as Docker has it; its default is `-ef`.
    pub fn top(&self, record: &ContainerRecord, options: &[String]) -> Result<ProcessTable, Failure> {
        if !record.state.status.is_live() {
            return Err(Failure::conflict(format!("container {} is not running", record.id.as_str()))
                .hint(format!("teu start {}", record.name)));
        }
        let path = crate::bundle::cgroup_path(record.id.as_str(), &record.spec);
        let pids = Cgroup::open(Path::new(&path))?.pids()?;
        let default = ["-ef".to_owned()];
        let options = if options.is_empty() { &default[..] } else { options };
        let output = Command::new("ps").args(options).output().map_err(|error| {
            Failure::unsupported(format!("cannot run ps: {error}"))
                .hint("install the package procps on this host")
        })?;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            return Err(Failure::usage(format!("ps: {}", text.lines().next().unwrap_or("failed")))
                .hint("see ps(1) for its options"));
        }
        parse(&String::from_utf8_lossy(&output.stdout), &pids)
    }
}

/// Keeps the rows of these processes. The last column takes the rest of its line: commands hold spaces.
fn parse(text: &str, pids: &[i32]) -> Result<ProcessTable, Failure> {
    let mut lines = text.lines();
    let titles: Vec<String> =
        lines.next().unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    let pid_column = titles.iter().position(|title| title == "PID").ok_or_else(|| {
        Failure::usage("ps printed no PID column").hint("choose options that print it, such as -o pid,cmd")
    })?;
    let rows = lines.map(|line| split_row(line, titles.len()));
    let ours = rows.filter(|row| {
        row.get(pid_column).and_then(|pid| pid.parse().ok()).is_some_and(|pid: i32| pids.contains(&pid))
    });
    Ok(ProcessTable { rows: ours.collect(), titles })
}

fn split_row(line: &str, columns: usize) -> Vec<String> {
    let mut row = Vec::with_capacity(columns);
    let mut rest = line.trim_start();
    while row.len() + 1 < columns && !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        row.push(rest[..end].to_owned());
        rest = rest[end..].trim_start();
    }
    row.push(rest.to_owned());
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_the_container_are_kept_whole() {
        let text = "UID   PID  PPID CMD\nroot    1     0 init\nroot   42     1 sleep 10  20\n";
        let table = parse(text, &[42]).unwrap();
        assert_eq!(table.titles, ["UID", "PID", "PPID", "CMD"]);
        assert_eq!(table.rows, [["root", "42", "1", "sleep 10  20"]]);
        assert!(parse("A B\n", &[]).is_err());
    }
}
