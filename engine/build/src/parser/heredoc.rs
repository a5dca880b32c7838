//! Documents that follow an instruction: `RUN <<EOF`, `COPY <<-"NAME" /to`.

use super::words::{Quotes, parts};

/// A document in the Dockerfile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Heredoc {
    /// The word that ends it, which names the file where it is copied.
    pub name: String,
    /// The descriptor before `<<`, 0 for none.
    pub descriptor: u32,
    /// Whether variables in it are expanded: not when a part of its name is quoted.
    pub expand: bool,
    /// Whether tabs at the beginning of lines go (`<<-`).
    pub chomp: bool,
    /// The lines up to its end, each with its line feed.
    pub content: String,
}

impl Heredoc {
    /// Reads one word of a line; `None` where it is no such mark.
    pub fn parse(word: &str) -> Option<Self> {
        let digits = word.len() - word.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let rest = word[digits..].strip_prefix("<<")?;
        let (chomp, name) = match rest.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, rest),
        };
        if name.is_empty() || name.contains('<') {
            return None;
        }
        let [plain]: [String; 1] = parts(name, '\\', Quotes::Removed).try_into().ok()?;
        let [raw]: [String; 1] = parts(name, '\\', Quotes::Kept).try_into().ok()?;
        Some(Self {
            expand: plain == raw,
            name: plain,
            descriptor: word[..digits].parse().unwrap_or(0),
            chomp,
            content: String::new(),
        })
    }

    /// All marks of a line.
    pub(super) fn all_of(line: &str) -> Vec<Self> {
        parts(line, '\\', Quotes::Kept).iter().filter_map(|word| Self::parse(word)).collect()
    }

    /// Whether a line is its end.
    pub(super) fn is_ended_by(&self, line: &str) -> bool {
        let line = line.trim_end_matches(['\r', '\n']);
        let line = if self.chomp { line.trim_start_matches('\t') } else { line };
        line == self.name
    }

    /// The content, without the tabs where they go.
    pub fn text(&self) -> String {
        if !self.chomp {
            return self.content.clone();
        }
        self.content.split_inclusive('\n').map(|line| line.trim_start_matches('\t')).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_told_from_other_words() {
        let read =
            |word: &str| Heredoc::parse(word).map(|doc| (doc.name, doc.descriptor, doc.expand, doc.chomp));
        assert_eq!(read("<<EOF"), Some(("EOF".into(), 0, true, false)));
        assert_eq!(read("3<<-EOF"), Some(("EOF".into(), 3, true, true)));
        assert_eq!(read("<<\"EOF\""), Some(("EOF".into(), 0, false, false)));
        assert_eq!(read("<<'a b'"), Some(("a b".into(), 0, false, false)));
        for other in ["<<", "<<<EOF", "a<<EOF", "<<a<b", "EOF", "<EOF"] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
