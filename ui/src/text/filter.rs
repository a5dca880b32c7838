//! What a user types to find things: fuzzy words, `/regular expression`, `!` for the opposite.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use regex::{Regex, RegexBuilder};

/// A filter as typed, and what it means.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    inverse: bool,
    meaning: Meaning,
}

#[derive(Clone, Debug, Default)]
enum Meaning {
    #[default]
    Everything,
    Fuzzy(Pattern),
    Regex(Regex),
    Wrong(String),
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Self {
        let (inverse, rest) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let meaning = match rest.strip_prefix('/') {
            _ if rest.is_empty() => Meaning::Everything,
            Some("") => Meaning::Everything,
            Some(pattern) => match regex(pattern) {
                Ok(regex) => Meaning::Regex(regex),
                Err(error) => Meaning::Wrong(error),
            },
            None => Meaning::Fuzzy(Pattern::parse(rest, CaseMatching::Smart, Normalization::Smart)),
        };
        Self { text: text.to_owned(), inverse, meaning }
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is wrong with it, if anything; a wrong filter lets everything through.
    pub fn error(&self) -> Option<&str> {
        match &self.meaning {
            Meaning::Wrong(error) => Some(error),
            _ => None,
        }
    }

    /// How well a text matches, to order what was found; `None` where it does not.
    pub fn score(&self, text: &str) -> Option<u32> {
        let mut matcher = Matcher::new(Config::DEFAULT);
        match &self.meaning {
            Meaning::Fuzzy(pattern) if !self.inverse => {
                pattern.score(Utf32Str::new(text, &mut Vec::new()), &mut matcher)
            }
            _ => self.matcher()(text).then_some(0),
        }
    }

    /// A matcher to ask many times.
    pub fn matcher(&self) -> impl FnMut(&str) -> bool + '_ {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        move |text| match &self.meaning {
            Meaning::Everything | Meaning::Wrong(_) => true,
            Meaning::Regex(regex) => regex.is_match(text) != self.inverse,
            Meaning::Fuzzy(pattern) => {
                let found = pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).is_some();
                found != self.inverse
            }
        }
    }
}

/// A regular expression that ignores case unless it holds a capital; bounded in size.
pub(crate) fn regex(pattern: &str) -> Result<Regex, String> {
    let ignore_case = !pattern.chars().any(char::is_uppercase);
    RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(1 << 20).build().map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(filter: &str, text: &str) -> bool {
        Filter::parse(filter).matcher()(text)
    }

    #[test]
    fn the_three_ways_to_find() {
        assert!(passes("", "anything"));
        assert!(passes("dmw", "demo/web"));
        assert!(!passes("xyz", "demo/web"));
        assert!(passes("!xyz", "demo/web"));
        assert!(passes("/^demo/(web|db)$", "demo/web"));
        assert!(!passes("!/web", "demo/web"));
        assert!(passes("/(", "a wrong expression hides nothing"));
        assert!(Filter::parse("/(").error().is_some());
    }
}
