//! An instruction's `--flags`, checked by name.

use crate::error::{BuildError, Result};

/// Flags that were not taken yet.
pub struct Flags<'a> {
    keyword: &'a str,
    rest: Vec<(&'a str, Option<&'a str>)>,
}

impl<'a> Flags<'a> {
    /// Parts names and values.
    pub fn new(keyword: &'a str, flags: &'a [String]) -> Self {
        let part = |flag: &'a String| {
            let flag = flag.strip_prefix("--").unwrap_or(flag);
            match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            }
        };
        Self { keyword, rest: flags.iter().map(part).collect() }
    }

    /// Every value of a flag that may stand several times.
    pub fn all(&mut self, name: &str) -> Result<Vec<String>> {
        let (found, rest) = std::mem::take(&mut self.rest).into_iter().partition(|(flag, _)| *flag == name);
        self.rest = rest;
        let value = |(_, value): (&str, Option<&str>)| {
            value
                .map(str::to_owned)
                .ok_or_else(|| BuildError::new(format!("missing a value on flag: {name}")))
        };
        Vec::into_iter(found).map(value).collect()
    }

    /// The value of a flag that may stand once; empty for none.
    pub fn text(&mut self, name: &str) -> Result<String> {
        let mut values = self.all(name)?;
        if values.len() > 1 {
            return Err(BuildError::new(format!("duplicate flag specified: {name}")));
        }
        Ok(values.pop().unwrap_or_default())
    }

    /// A switch.
    pub fn switch(&mut self, name: &str) -> Result<bool> {
        Ok(self.choice(name)?.unwrap_or(false))
    }

    /// A switch that may be left as it is.
    pub fn choice(&mut self, name: &str) -> Result<Option<bool>> {
        let Some(at) = self.rest.iter().position(|(flag, _)| *flag == name) else { return Ok(None) };
        match self.rest.remove(at).1 {
            None | Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                Err(BuildError::new(format!("expecting boolean value for flag {name}, not: {other}")))
            }
        }
    }

    /// Refuses what nobody took.
    pub fn end(self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some((name, _)) => {
                Err(BuildError::new(format!("{}: unknown flag: --{name}", self.keyword.to_uppercase())))
            }
        }
    }
}
