//! Labels, annotations, options: `KEY=VALUE` lists, and files of them.

use super::wrong;
use std::collections::BTreeMap;
use teu_api::Failure;

/// Splits `KEY[=VALUE]`; a missing value is empty.
pub fn pair(flag: &str, text: &str) -> Result<(String, String), Failure> {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    if key.trim().is_empty() {
        return Err(wrong(format!("invalid {flag} {text:?}: the key is empty"), "write it as KEY=VALUE"));
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// Splits `KEY=VALUE`; both are wanted.
pub fn required_pair(flag: &str, text: &str) -> Result<(String, String), Failure> {
    if !text.contains('=') {
        return Err(wrong(format!("invalid {flag} {text:?}: no value"), "write it as KEY=VALUE"));
    }
    pair(flag, text)
}

/// Reads many `KEY[=VALUE]`; a later one wins.
pub fn map(flag: &str, texts: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    texts.iter().map(|text| pair(flag, text)).collect()
}

/// The lines of a label file: comments and empty lines are skipped.
pub fn file(path: &str, content: &str) -> Result<BTreeMap<String, String>, Failure> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let mut labels = BTreeMap::new();
    for (index, line) in content.lines().map(str::trim_start).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').unwrap_or((line.trim_end(), ""));
        if key.is_empty() || key.contains([' ', '\t']) {
            return Err(wrong(
                format!(
                    "poorly formatted label: line {} of {path}: key {key:?} contains whitespaces or is empty",
                    index + 1
                ),
                "write one KEY=VALUE per line",
            ));
        }
        labels.insert(key.to_owned(), value.to_owned());
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_be_missing_or_hold_equals_signs() {
        assert_eq!(pair("--label", "a=b=c").unwrap(), ("a".into(), "b=c".into()));
        assert_eq!(pair("--label", "a").unwrap(), ("a".into(), String::new()));
        assert!(pair("--label", "=b").is_err());
        assert!(required_pair("--sysctl", "a").is_err());
    }

    #[test]
    fn files_skip_comments() {
        let labels = file("f", "# x\n a=1\n\nb\n").unwrap();
        assert_eq!(
            labels.into_iter().collect::<Vec<_>>(),
            [("a".into(), "1".into()), ("b".into(), String::new())]
        );
        assert!(file("f", "a b=1").is_err());
    }
}
