//! The tree of a Dockerfile: one node for each instruction, a chain of nodes for its arguments.

use super::heredoc::Heredoc;

/// An instruction as it was written: nothing is expanded or checked yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Node {
    /// The keyword in lower case.
    pub keyword: String,
    /// Its `--flags`, with quotes and backslashes taken away.
    pub flags: Vec<String>,
    /// Its arguments, as its own form parts them.
    pub arguments: Vec<String>,
    /// Whether the arguments were a JSON array.
    pub is_json: bool,
    /// The instruction behind ONBUILD.
    pub child: Option<Box<Self>>,
    /// The documents that follow its line.
    pub heredocs: Vec<Heredoc>,
    /// The whole line, continued ones joined.
    pub original: String,
    /// The line of the file where it begins, and the one where it ends, counted from 1.
    pub lines: (usize, usize),
    /// The comment lines right before it.
    pub comments: Vec<String>,
}

impl Node {
    /// The tree of this instruction as BuildKit's parser prints it.
    pub fn dump(&self) -> String {
        let mut text = self.keyword.to_lowercase();
        if !self.flags.is_empty() {
            let flags: Vec<String> = self.flags.iter().map(|flag| quote(flag)).collect();
            text.push_str(&format!(" [{}]", flags.join(" ")));
        }
        if let Some(child) = &self.child {
            text.push_str(&format!(" ({})", child.dump()));
        }
        for argument in &self.arguments {
            text.push(' ');
            text.push_str(&quote(argument));
        }
        text.trim().to_owned()
    }

    /// Whether documents may follow its line.
    pub(super) fn takes_heredocs(&self) -> bool {
        let node = self.child.as_deref().unwrap_or(self);
        matches!(node.keyword.as_str(), "add" | "copy" | "run") && !node.is_json
    }
}

/// A string as Go writes it in quotes.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{c}' => quoted.push_str("\\f"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{b}' => quoted.push_str("\\v"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => quoted.push_str(&format!("\\x{:02x}", c as u32)),
            // Other characters that are not printable.
            c if c.is_control() || (c.is_whitespace() && c != ' ') => {
                quoted.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
