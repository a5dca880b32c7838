//! Logs: `--log-driver` and `--log-opt`.

use super::{labels, size, wrong};
use teu_api::Failure;
use teu_api::container::{LogDriver, LogOptions};

/// Reads the driver and its options.
pub fn parse(driver: Option<&str>, options: &[String]) -> Result<LogOptions, Failure> {
    let mut log = LogOptions { driver: parse_driver(driver)?, ..LogOptions::default() };
    if log.driver == LogDriver::None && !options.is_empty() {
        return Err(wrong("invalid logging opts for driver none", "leave --log-opt out"));
    }
    for option in options {
        let (key, value) = labels::required_pair("--log-opt", option)?;
        match key.as_str() {
            "max-size" => {
                log.max_size = match value.as_str() {
                    "-1" => u64::MAX,
                    _ => u64::try_from(size::flag("--log-opt max-size", &value)?).unwrap_or_default(),
                };
                if log.max_size == 0 {
                    return Err(wrong("--log-opt max-size must be above 0", "write it like max-size=10m"));
                }
            }
            "max-file" => {
                log.max_files = value.parse().ok().filter(|count| *count > 0).ok_or_else(|| {
                    wrong(
                        format!("max-file must be a number above 0, not {value:?}"),
                        "write it like max-file=3",
                    )
                })?;
            }
            // Accepted since they change nothing here: rotated files stay as they are, lines are written at once.
            "compress" | "mode" | "max-buffer-size" | "tag" | "labels" | "labels-regex" | "env"
            | "env-regex" => {}
            _ => {
                return Err(wrong(
                    format!("unknown log opt '{key}' for {} log driver", driver.unwrap_or("cri")),
                    "known are max-size and max-file",
                ));
            }
        }
    }
    Ok(log)
}

fn parse_driver(driver: Option<&str>) -> Result<LogDriver, Failure> {
    match driver {
        None | Some("cri" | "local" | "k8s-file" | "") => Ok(LogDriver::Cri),
        Some("json-file") => Ok(LogDriver::JsonFile),
        Some("none") => Ok(LogDriver::None),
        Some(other) => Err(wrong(
            format!("logger: no log driver named '{other}' is registered"),
            "known are cri, json-file and none",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn drivers_and_options_are_read() {
        assert_eq!(parse(None, &[]).unwrap(), LogOptions::default());
        let log = parse(Some("json-file"), &options(&["max-size=10m", "max-file=5"])).unwrap();
        assert_eq!((log.driver, log.max_size, log.max_files), (LogDriver::JsonFile, 10 << 20, 5));
        assert_eq!(parse(Some("none"), &[]).unwrap().driver, LogDriver::None);
        assert!(parse(Some("syslog"), &[]).is_err());
        for bad in ["max-size", "max-size=0", "max-size=x", "max-file=0", "color=red"] {
            assert!(parse(None, &options(&[bad])).is_err(), "{bad}");
        }
    }
}
