//! Restart policies: `on-failure:3`.

use super::wrong;
use teu_api::Failure;
use teu_api::container::RestartPolicy;

/// Reads a policy.
pub fn parse(text: &str) -> Result<RestartPolicy, Failure> {
    let hint = "write no, on-failure[:MAX], always or unless-stopped";
    let (name, maximum) = match text.split_once(':') {
        Some((name, maximum)) => (name, Some(maximum)),
        None => (text, None),
    };
    let policy = match name {
        "" | "no" => RestartPolicy::No,
        "always" => RestartPolicy::Always,
        "unless-stopped" => RestartPolicy::UnlessStopped,
        "on-failure" => {
            let maximum = maximum.map_or(Ok(0), str::parse::<u32>);
            let maximum = maximum.map_err(|_| {
                wrong(format!("invalid restart policy format: {text:?}: maximum retry count must be a positive integer"), hint)
            })?;
            return Ok(RestartPolicy::OnFailure(maximum));
        }
        _ => return Err(wrong(format!("invalid restart policy: unknown policy '{name}'"), hint)),
    };
    if maximum.is_some() {
        return Err(wrong(
            format!(
                "invalid restart policy: maximum retry count can only be used with 'on-failure', not '{name}'"
            ),
            hint,
        ));
    }
    Ok(policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read() {
        assert_eq!(parse("no").unwrap(), RestartPolicy::No);
        assert_eq!(parse("on-failure").unwrap(), RestartPolicy::OnFailure(0));
        assert_eq!(parse("on-failure:3").unwrap(), RestartPolicy::OnFailure(3));
        assert_eq!(parse("unless-stopped").unwrap(), RestartPolicy::UnlessStopped);
        for bad in ["sometimes", "always:3", "on-failure:-1", "on-failure:x", "on-failure:"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
