//! One record of comma-separated values (RFC 4180), as `--mount` and `--network` use it.

use super::wrong;
use teu_api::Failure;

/// Splits a record into its fields. A field in double quotes may hold commas; `""` in it means `"`.
pub fn fields(text: &str) -> Result<Vec<String>, Failure> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (field, after) = quoted_field(quoted).ok_or_else(|| {
                wrong(format!("unclosed quote in {text:?}"), "close it, or write \"\" for a quote")
            })?;
            fields.push(field);
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(fields),
                None => {
                    return Err(wrong(
                        format!("text after a closing quote in {text:?}"),
                        "quote the whole field",
                    ));
                }
            }
        } else {
            let (field, next) = match rest.split_once(',') {
                Some((field, next)) => (field, Some(next)),
                None => (rest, None),
            };
            if field.contains('"') {
                return Err(wrong(format!("bare quote in a field of {text:?}"), "quote the whole field"));
            }
            fields.push(field.to_owned());
            match next {
                Some(next) => rest = next,
                None => return Ok(fields),
            }
        }
    }
}

/// The text up to the closing quote, and what follows it.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Some((field, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_be_quoted() {
        assert_eq!(fields("a,b=c").unwrap(), ["a", "b=c"]);
        assert_eq!(fields(r#"a,"b=c,d",e"#).unwrap(), ["a", "b=c,d", "e"]);
        assert_eq!(fields(r#""x""y",z"#).unwrap(), [r#"x"y"#, "z"]);
        assert_eq!(fields("a,").unwrap(), ["a", ""]);
        for bad in [r#""a"#, r#""a"b"#, r#"a"b"#] {
            assert!(fields(bad).is_err(), "{bad}");
        }
    }
}
