//! Process limits: `nofile=1024:2048`.

use super::wrong;
use teu_api::Failure;
use teu_api::container::Ulimit;

/// Reads `NAME=SOFT[:HARD]`; -1 means unlimited, and a missing hard limit equals the soft one.
pub fn parse(text: &str) -> Result<Ulimit, Failure> {
    let bad = |why: String| {
        wrong(
            format!("invalid ulimit argument: {text}: {why}"),
            "write it as NAME=SOFT[:HARD], like nofile=1024:2048",
        )
    };
    let (name, value) = text.split_once('=').ok_or_else(|| bad("no value".into()))?;
    if !Ulimit::NAMES.contains(&name) {
        return Err(wrong(
            format!("invalid ulimit type: {name:?}"),
            format!("known are {}", Ulimit::NAMES.join(", ")),
        ));
    }
    let number = |part: &str| {
        if part == "unlimited" {
            return Ok(-1);
        }
        part.parse::<i64>()
            .ok()
            .filter(|limit| *limit >= -1)
            .ok_or_else(|| bad(format!("{part:?} is not a limit")))
    };
    let (soft, hard) = match value.split_once(':') {
        Some((soft, hard)) => (number(soft)?, number(hard)?),
        None => (number(value)?, number(value)?),
    };
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(bad(format!("the soft limit {soft} is above the hard limit {hard}")));
    }
    Ok(Ulimit { name: name.to_owned(), soft, hard })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        assert_eq!(
            parse("nofile=1024:2048").unwrap(),
            Ulimit { name: "nofile".into(), soft: 1024, hard: 2048 }
        );
        assert_eq!(parse("core=-1").unwrap().hard, -1);
        assert_eq!(parse("nproc=5:-1").unwrap().hard, -1);
        for bad in [
            "nofile",
            "files=1",
            "nofile=",
            "nofile=2:1",
            "nofile=-1:5",
            "nofile=-2",
            "nofile=1:2:3",
            "nofile=x",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
