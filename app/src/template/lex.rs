//! From text to literal text and actions, and from an action to its words.

/// A piece of a template.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Piece {
    /// Text to print as it is.
    Text(String),
    /// The words between `{{` and `}}`, and the line they are on.
    Action(Vec<Token>, usize),
}

/// A word of an action.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token {
    /// A name: a function or a keyword.
    Name(String),
    /// `.A`, with whether a blank stands before it.
    Field(String, bool),
    /// `.` alone.
    Dot,
    /// `$` or `$x`.
    Variable(String),
    /// A string or character.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// `|`, `(`, `)`, `,`, `=` or `:=`.
    Sign(&'static str),
}

/// Splits a template; an error begins with its line.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut line = 1;
    let mut trim_next = false;
    loop {
        let (literal, action) = match rest.split_once("{{") {
            Some((literal, action)) => (literal, Some(action)),
            None => (rest, None),
        };
        line += literal.matches('\n').count();
        let mut shown = if trim_next { literal.trim_start() } else { literal };
        let Some(action) = action else {
            push_text(&mut pieces, shown);
            return Ok(pieces);
        };
        let trims = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t' | b'\r' | b'\n'));
        let mut inside = action;
        if inside.starts_with('-') && trims(inside.as_bytes().get(1)) {
            shown = shown.trim_end();
            inside = &inside[1..];
        }
        push_text(&mut pieces, shown);
        let begins_comment = inside.trim_start().starts_with("/*");
        let end = if begins_comment { comment_end(inside) } else { action_end(inside) };
        let end = end.ok_or_else(|| {
            format!(
                "template: :{line}: {}",
                if begins_comment { "unclosed comment" } else { "unclosed action" }
            )
        })?;
        let mut words = &inside[..end];
        rest = &inside[end + 2..];
        trim_next = words.ends_with('-') && trims(words.as_bytes().iter().rev().nth(1));
        if trim_next {
            words = &words[..words.len() - 1];
        }
        if !begins_comment {
            pieces.push(Piece::Action(
                tokens(words).map_err(|error| format!("template: :{line}: {error}"))?,
                line,
            ));
        }
        line += inside[..end].matches('\n').count();
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// Where `}}` closes a comment.
fn comment_end(text: &str) -> Option<usize> {
    let close = text.find("*/")? + 2;
    let end = close + text[close..].find("}}")?;
    matches!(text[close..end].trim(), "" | "-").then_some(end)
}

/// Where `}}` closes an action, not counting strings.
fn action_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'' | b'`') => {
                at += 1;
                while *bytes.get(at)? != quote {
                    at += if bytes[at] == b'\\' && quote != b'`' { 2 } else { 1 };
                }
                at += 1;
            }
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// Splits an action into words.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut blank = true;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
            blank = true;
            continue;
        }
        let (token, length) = token(rest, first, blank)?;
        tokens.push(token);
        rest = &rest[length..];
        blank = false;
    }
    Ok(tokens)
}

fn token(rest: &str, first: char, blank: bool) -> Result<(Token, usize), String> {
    let name_length =
        |text: &str| text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let second = rest[first.len_utf8()..].chars().next();
    match first {
        '|' => Ok((Token::Sign("|"), 1)),
        '(' => Ok((Token::Sign("("), 1)),
        ')' => Ok((Token::Sign(")"), 1)),
        ',' => Ok((Token::Sign(","), 1)),
        '=' => Ok((Token::Sign("="), 1)),
        ':' if second == Some('=') => Ok((Token::Sign(":="), 2)),
        '$' => {
            let length = 1 + name_length(&rest[1..]);
            Ok((Token::Variable(rest[..length].to_owned()), length))
        }
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => number(rest),
        '.' => match name_length(&rest[1..]) {
            0 => Ok((Token::Dot, 1)),
            length => Ok((Token::Field(rest[1..=length].to_owned(), blank), 1 + length)),
        },
        '"' | '\'' => quoted(rest, first),
        '`' => {
            let end = rest[1..].find('`').ok_or("unterminated raw quoted string")?;
            Ok((Token::Text(rest[1..=end].to_owned()), end + 2))
        }
        '0'..='9' | '+' | '-' => number(rest),
        c if c.is_alphabetic() || c == '_' => {
            let length = name_length(rest);
            Ok((Token::Name(rest[..length].to_owned()), length))
        }
        c => Err(format!("unexpected {c:?} in command")),
    }
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let length = rest
        .char_indices()
        .find(|(index, c)| {
            !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_') || (*index == 0 && matches!(c, '+' | '-')))
        })
        .map_or(rest.len(), |(index, _)| index);
    let text = &rest[..length];
    let bad = || format!("bad number syntax: {text:?}");
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16)
            .map(|value| (Token::Integer(sign * value), length))
            .map_err(|_| bad());
    }
    if let Ok(value) = digits.parse::<i64>() {
        return Ok((Token::Integer(sign * value), length));
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(bad());
    }
    digits.parse::<f64>().map(|value| (Token::Float(sign as f64 * value), length)).map_err(|_| bad())
}

/// A string or character with Go's escapes; a character counts as its number.
fn quoted(rest: &str, quote: char) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((index, c)) = characters.next() {
        if c == quote {
            let token = if quote == '"' {
                Token::Text(text)
            } else {
                let mut inside = text.chars();
                match (inside.next(), inside.next()) {
                    (Some(c), None) => Token::Integer(i64::from(c as u32)),
                    _ => return Err(format!("malformed character constant: {}", &rest[..=index])),
                }
            };
            return Ok((token, index + 1));
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        let (_, escape) = characters.next().ok_or("unterminated quoted string")?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code: String = characters.by_ref().take(digits).map(|(_, c)| c).collect();
            let c = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
            text.push(c.ok_or_else(|| format!("invalid escape \\{escape}{code}"))?);
            continue;
        }
        text.push(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'v' => '\x0b',
            '0' => '\0',
            '\\' | '"' | '\'' => escape,
            other => return Err(format!("invalid escape \\{other}")),
        });
    }
    Err("unterminated quoted string".to_owned())
}
