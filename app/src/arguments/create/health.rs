//! Options about the health check, and how they change the image's.

use super::ImageDefaults;
use crate::arguments::values::duration;
use clap::Args;
use teu_api::Failure;
use teu_api::container::HealthCheck;

/// The health check.
#[derive(Args, Clone, PartialEq, Debug, Default)]
#[command(next_help_heading = "Health check")]
pub struct HealthOptions {
    /// Command that tells whether the container is healthy
    #[arg(long, value_name = "COMMAND")]
    pub health_cmd: Option<String>,
    /// Time between checks
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub health_interval: Option<String>,
    /// How long one check may take
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub health_timeout: Option<String>,
    /// Failures in a row until the container counts as unhealthy
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub health_retries: Option<i64>,
    /// How long after the start failures do not count
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub health_start_period: Option<String>,
    /// Time between checks during the start period
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    pub health_start_interval: Option<String>,
    /// Switch the image's health check off
    #[arg(long)]
    pub no_healthcheck: bool,
}

impl HealthOptions {
    /// Lays the options over the image's check: what is not said keeps the image's value.
    pub(super) fn merge(&self, image: &ImageDefaults) -> Result<Option<HealthCheck>, Failure> {
        let timings = [
            ("--health-interval", &self.health_interval),
            ("--health-timeout", &self.health_timeout),
            ("--health-start-period", &self.health_start_period),
            ("--health-start-interval", &self.health_start_interval),
        ];
        let asked = self.health_cmd.as_deref().is_some_and(|command| !command.is_empty())
            || self.health_retries.is_some()
            || timings.iter().any(|(_, value)| value.is_some());
        if self.no_healthcheck {
            if asked {
                return Err(Failure::usage("--no-healthcheck conflicts with --health-* options")
                    .hint("leave one of them out"));
            }
            return Ok(Some(HealthCheck { test: vec!["NONE".into()], ..HealthCheck::default() }));
        }
        if !asked {
            return Ok(image.health_check.clone());
        }
        let mut check = image.health_check.clone().unwrap_or_default();
        if let Some(command) = self.health_cmd.as_deref().filter(|command| !command.is_empty()) {
            check.test = vec!["CMD-SHELL".into(), command.to_owned()];
        }
        for (place, (flag, value)) in
            [&mut check.interval, &mut check.timeout, &mut check.start_period, &mut check.start_interval]
                .into_iter()
                .zip(timings)
        {
            if let Some(text) = value {
                *place = timing(flag, text)?;
            }
        }
        if let Some(retries) = self.health_retries {
            check.retries = u32::try_from(retries)
                .map_err(|_| Failure::usage("--health-retries cannot be negative").hint("give 1 or more"))?;
        }
        Ok(Some(check))
    }
}

/// A duration of 0 (the default) or at least a millisecond, in nanoseconds.
fn timing(flag: &str, text: &str) -> Result<i64, Failure> {
    let nanoseconds = duration::parse(text).map_err(|error| {
        Failure::usage(format!("invalid argument {text:?} for {flag}: {}", error.message))
            .hint("write it like 30s or 1m30s")
    })?;
    if nanoseconds < 0 {
        return Err(Failure::usage(format!("{flag} cannot be negative")).hint("give 0 or more"));
    }
    if nanoseconds != 0 && nanoseconds < 1_000_000 {
        return Err(Failure::usage(format!("{flag} cannot be less than 1ms")).hint("write it like 30s"));
    }
    Ok(nanoseconds)
}
