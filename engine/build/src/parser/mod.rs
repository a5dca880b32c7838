//! Reading a Dockerfile: lines become instructions, instructions a tree. As BuildKit's parser does it, case by case.

mod directive;
mod heredoc;
mod node;
mod words;

pub use directive::Directives;
pub use heredoc::Heredoc;
pub use node::Node;
pub use words::{Quotes, parts};

use crate::error::{BuildError, Result};
use serde_json::Value;

/// How many ONBUILDs may follow each other: none has a meaning, but what is read is shown as it is.
const DEEPEST_TRIGGER: usize = 16;

/// The longest line in bytes.
const LONGEST_LINE: usize = 65_535;

/// A Dockerfile that was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dockerfile {
    /// Its instructions in order.
    pub nodes: Vec<Node>,
    /// What its top says.
    pub directives: Directives,
    /// What is likely a mistake: line and words.
    pub warnings: Vec<(usize, String)>,
}

impl Dockerfile {
    /// Reads a Dockerfile.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let mut reader = Reader { lines: text.split_inclusive('\n'), line: 0 };
        let mut file = Self::default();
        let mut comments = Vec::new();
        while let Some(raw) = reader.next()? {
            let start = reader.line;
            let trimmed = raw.trim_end_matches(['\r', '\n']).trim_start();
            match trimmed.strip_prefix('#') {
                Some(comment) => comments.push(comment.trim().to_owned()),
                None => comments.clear(),
            }
            file.directives.look_at(trimmed).map_err(|error| error.or_at(start))?;
            let content = if trimmed.starts_with('#') { "" } else { trimmed };
            let (mut line, mut is_whole) = without_continuation(content, file.directives.escape);
            if is_whole && line.is_empty() {
                continue;
            }
            let mut has_gap = false;
            while !is_whole {
                let Some(raw) = reader.next()? else { break };
                let next = raw.trim_end_matches(['\r', '\n']);
                if next.trim_start().starts_with('#') {
                    continue;
                }
                if next.trim_start().is_empty() {
                    has_gap = true;
                    continue;
                }
                let (part, ends) = without_continuation(next, file.directives.escape);
                line.push_str(&part);
                is_whole = ends;
            }
            if has_gap {
                file.warnings.push((start, format!("Empty continuation line found in: {line}")));
            }
            let mut node = instruction(&line, file.directives.escape).map_err(|error| error.or_at(start))?;
            if node.takes_heredocs() && line.contains("<<") {
                for mut document in Heredoc::all_of(&line) {
                    reader.read_document(&mut document).map_err(|error| error.or_at(start))?;
                    node.heredocs.push(document);
                }
            }
            node.lines = (start, reader.line);
            node.comments = std::mem::take(&mut comments);
            file.nodes.push(node);
        }
        if file.nodes.is_empty() {
            return Err(BuildError::new("file with no instructions"));
        }
        Ok(file)
    }

    /// The tree as BuildKit's parser prints it.
    pub fn dump(&self) -> String {
        let lines: Vec<String> = self.nodes.iter().map(|node| format!("({})", node.dump())).collect();
        lines.join("\n")
    }
}

/// Lines with their number.
struct Reader<'a> {
    lines: std::str::SplitInclusive<'a, char>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<&'a str>> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        self.line += 1;
        if line.len() > LONGEST_LINE {
            let reason = format!("dockerfile line greater than maximum allowed size of {LONGEST_LINE}");
            return Err(BuildError::at(self.line, reason));
        }
        Ok(Some(line))
    }

    fn read_document(&mut self, document: &mut Heredoc) -> Result<()> {
        while let Some(line) = self.next()? {
            if document.is_ended_by(line) {
                return Ok(());
            }
            document.content.push_str(line);
        }
        Err(BuildError::new("unterminated heredoc").hint(format!("end it with a line {}", document.name)))
    }
}

/// The line without the character that continues it, and whether it is the last. One that is itself escaped does not
/// continue.
fn without_continuation(line: &str, escape: char) -> (String, bool) {
    let end = line.trim_end_matches([' ', '\t']);
    match end.strip_suffix(escape) {
        Some(rest) if !rest.ends_with(escape) => (rest.to_owned(), false),
        _ => (line.to_owned(), true),
    }
}

/// One instruction. What is no known keyword keeps no arguments: whoever reads the tree refuses it.
fn instruction(line: &str, escape: char) -> Result<Node> {
    let (keyword, flags, rest) = words::command(line);
    let keyword = keyword.to_lowercase();
    let mut node = Node { flags, original: line.to_owned(), ..Node::default() };
    match keyword.as_str() {
        "add" | "copy" | "volume" => match json(&rest)? {
            Some(arguments) => (node.arguments, node.is_json) = (arguments, true),
            None => node.arguments = words::spaced(&rest),
        },
        "cmd" | "entrypoint" | "run" | "shell" => match json(&rest)? {
            Some(arguments) => (node.arguments, node.is_json) = (arguments, true),
            None => node.arguments = whole(rest),
        },
        "healthcheck" => {
            let kind = rest.split(char::is_whitespace).next().unwrap_or_default().to_owned();
            let test = rest[kind.len()..].trim_start().to_owned();
            node.arguments = whole(kind);
            match json(&test)? {
                Some(arguments) => {
                    node.arguments.extend(arguments);
                    node.is_json = true;
                }
                None => node.arguments.extend(whole(test)),
            }
        }
        "env" | "label" => node.arguments = words::pairs(&rest, &keyword, escape)?,
        "arg" => node.arguments = words::raw(&rest, escape),
        "expose" | "from" => node.arguments = words::spaced(&rest),
        "maintainer" | "stopsignal" | "user" | "workdir" => node.arguments = whole(rest),
        "onbuild" if !rest.is_empty() => {
            // However deep a stranger nests them.
            let words = rest.split_whitespace().take_while(|word| word.eq_ignore_ascii_case("onbuild"));
            if words.count() > DEEPEST_TRIGGER {
                return Err(BuildError::new("ONBUILD instructions lie too deep in each other"));
            }
            node.child = Some(Box::new(instruction(&rest, escape)?));
        }
        _ => {}
    }
    node.keyword = keyword;
    Ok(node)
}

/// The rest of a line as one argument; an empty one is none.
fn whole(text: String) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text] }
}

/// A JSON array of strings. Text that is no JSON is meant for the shell; an array of something else is a mistake.
fn json(text: &str) -> Result<Option<Vec<String>>> {
    if !text.starts_with('[') {
        return Ok(None);
    }
    let Ok(list) = serde_json::from_str::<Vec<Value>>(text) else { return Ok(None) };
    let strings = list.into_iter().map(|value| match value {
        Value::String(text) => Ok(text),
        _ => Err(BuildError::new("when using JSON array syntax, arrays must be comprised of strings only")),
    });
    strings.collect::<Result<Vec<_>>>().map(Some)
}
