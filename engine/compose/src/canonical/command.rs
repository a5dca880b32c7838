//! A command line as its words, by the shell's quoting alone: nothing is expanded.

/// The words; an error says what is wrong.
pub(crate) fn words(line: &str) -> Result<Vec<String>, &'static str> {
    #[derive(PartialEq)]
    enum Quote {
        None,
        Single,
        Double,
        Back,
        Dollar,
    }
    let (mut words, mut word, mut begun) = (Vec::new(), String::new(), false);
    let mut quote = Quote::None;
    let mut escaped = false;
    for letter in line.chars() {
        if escaped {
            word.push(match letter {
                't' => '\t',
                'n' => '\n',
                other => other,
            });
            (escaped, begun) = (false, true);
            continue;
        }
        match letter {
            '\\' if quote == Quote::Single => word.push(letter),
            '\\' => {
                escaped = true;
                continue;
            }
            ' ' | '\t' | '\r' | '\n' if quote == Quote::None => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
                continue;
            }
            '`' if matches!(quote, Quote::None | Quote::Back) => {
                quote = if quote == Quote::Back { Quote::None } else { Quote::Back };
                word.push(letter);
            }
            '(' if matches!(quote, Quote::None | Quote::Dollar) => {
                if quote == Quote::Dollar || !word.ends_with('$') {
                    return Err("a parenthesis must be quoted");
                }
                quote = Quote::Dollar;
                word.push(letter);
                continue;
            }
            ')' if quote == Quote::Dollar => {
                quote = Quote::None;
                word.push(letter);
            }
            ')' if quote == Quote::None => return Err("a parenthesis must be quoted"),
            '"' if matches!(quote, Quote::None | Quote::Double | Quote::Back) => {
                if quote == Quote::Back {
                    word.push(letter);
                } else {
                    quote = if quote == Quote::Double { Quote::None } else { Quote::Double };
                }
            }
            '\'' if matches!(quote, Quote::None | Quote::Single | Quote::Back) => {
                if quote == Quote::Back {
                    word.push(letter);
                } else {
                    quote = if quote == Quote::Single { Quote::None } else { Quote::Single };
                }
            }
            // There is no shell here to run what follows, and Docker drops it as well.
            ';' | '&' | '|' | '<' | '>' if quote == Quote::None => {
                if letter == '>' && word.starts_with(|first: char| first.is_ascii_digit()) {
                    begun = false;
                }
                if begun {
                    words.push(word);
                }
                return Ok(words);
            }
            other => word.push(other),
        }
        begun = true;
    }
    if escaped || quote != Quote::None {
        return Err("a quote is never closed");
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_split_like_a_shells() {
        for (line, expected) in [
            ("sleep 2", vec!["sleep", "2"]),
            (
                "/bin/sh -c 'while true; do echo \"x\"; done'",
                vec!["/bin/sh", "-c", "while true; do echo \"x\"; done"],
            ),
            (r#"a "b c" d\ e '' "\"q\"""#, vec!["a", "b c", "d e", "", "\"q\""]),
            ("echo a | b", vec!["echo", "a"]),
            ("echo hi 2>/dev/null", vec!["echo", "hi"]),
            ("x='1 2'y", vec!["x=1 2y"]),
            ("echo $(date +%s) z", vec!["echo", "$(date +%s)", "z"]),
            ("", vec![]),
            ("  ", vec![]),
        ] {
            assert_eq!(words(line).unwrap(), expected, "{line}");
        }
        for bad in ["'x", "\"x", "x\\", "f(x)"] {
            assert!(words(bad).is_err(), "{bad}");
        }
    }
}
