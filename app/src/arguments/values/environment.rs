//! Variables: `-e NAME=VALUE`, `-e NAME` and the files of `--env-file`.

use super::wrong;
use teu_api::Failure;

/// Looks a variable up in the caller's environment.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// One `-e`: `NAME=VALUE` as it is; `NAME` with the caller's value, or `None` where the caller has none.
pub fn variable(text: &str, lookup: Lookup<'_>) -> Result<Option<String>, Failure> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (text, lookup(text)),
    };
    if name.is_empty() {
        return Err(wrong(format!("invalid environment variable: {text}"), "write it as NAME=VALUE"));
    }
    if text.contains('\0') {
        return Err(wrong("invalid environment variable: it holds a NUL byte", "leave the NUL byte out"));
    }
    Ok(value.map(|value| format!("{name}={value}")))
}

/// The lines of an environment file: comments and empty lines are skipped, a lone `NAME` takes the caller's value.
pub fn file(path: &str, content: &str, lookup: Lookup<'_>) -> Result<Vec<String>, Failure> {
    let content = content.strip_prefix('\u{feff}').unwrap_or(content);
    let mut variables = Vec::new();
    for (index, line) in content.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let name = line.split('=').next().unwrap_or(line);
        let name = if line.contains('=') { name } else { name.trim_end() };
        if name.is_empty() || name.contains([' ', '\t', '\0']) {
            return Err(wrong(
                format!(
                    "poorly formatted environment: line {} of {path}: variable {name:?} contains whitespaces or is empty",
                    index + 1
                ),
                "write one NAME=VALUE per line",
            ));
        }
        let entry = if line.contains('=') { line } else { name };
        variables.extend(variable(entry, lookup)?);
    }
    Ok(variables)
}

/// Sets a variable in place of an earlier one of the same name, else adds it at the end.
pub fn set(variables: &mut Vec<String>, entry: String) {
    let name = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
    let wanted = name(&entry);
    match variables.iter_mut().find(|other| name(other) == wanted) {
        Some(place) => *place = entry,
        None => variables.push(entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        (name == "HOME").then(|| "/root".to_owned())
    }

    #[test]
    fn a_name_alone_takes_the_callers_value() {
        assert_eq!(variable("A=1=2", &lookup).unwrap().as_deref(), Some("A=1=2"));
        assert_eq!(variable("HOME", &lookup).unwrap().as_deref(), Some("HOME=/root"));
        assert_eq!(variable("MISSING", &lookup).unwrap(), None);
        assert_eq!(variable("EMPTY=", &lookup).unwrap().as_deref(), Some("EMPTY="));
        assert!(variable("=x", &lookup).is_err());
        assert!(variable("", &lookup).is_err());
    }

    #[test]
    fn files_have_comments_and_lone_names() {
        let text = "# comment\n\nA=1\n  B=two words \nHOME\nMISSING\n";
        assert_eq!(file("f", text, &lookup).unwrap(), ["A=1", "B=two words ", "HOME=/root"]);
        assert!(file("f", "A B=1", &lookup).unwrap_err().message.contains("line 1 of f"));
        assert!(file("f", "=1", &lookup).is_err());
    }

    #[test]
    fn a_later_value_takes_the_place_of_an_earlier_one() {
        let mut variables = vec!["A=1".to_owned(), "B=2".to_owned()];
        set(&mut variables, "A=3".to_owned());
        set(&mut variables, "C=4".to_owned());
        assert_eq!(variables, ["A=3", "B=2", "C=4"]);
    }
}
