//! `teu image cat`.

use crate::arguments::ImageCatArguments;
use crate::commands::Outcome;
use crate::output::safe;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read, Write};
use std::os::unix::ffi::OsStrExt as _;
use teu_api::Failure;
use teu_core::Engine;
use teu_core::images::ImageFiles;

/// The longest run of bytes that is shown as one line on a terminal.
const LONGEST_LINE: u64 = 64 << 10;

/// Prints a file: as it is, or on a terminal with control characters made visible.
pub fn run(engine: &Engine, arguments: &ImageCatArguments) -> Outcome {
    let mut file = engine.open_image_file(ImageFiles {
        image: &arguments.image,
        layer: arguments.layer.as_deref(),
        path: arguments.path.as_bytes(),
    })?;
    let out = io::stdout();
    let printed = if out.is_terminal() {
        show(&mut BufReader::new(file), &mut out.lock())
    } else {
        io::copy(&mut file, &mut out.lock()).map(drop)
    };
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::internal(format!("cannot print the file: {error}")))
        }
        _ => Ok(0),
    }
}

/// Prints a stranger's text for a terminal, which must not take orders from it.
fn show(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return to.flush();
        }
        let (text, end) = match line.strip_suffix(b"\n") {
            Some(text) => (text, "\n"),
            None => (line.as_slice(), ""),
        };
        for (at, part) in String::from_utf8_lossy(text).split('\t').enumerate() {
            write!(to, "{}{}", if at == 0 { "" } else { "\t" }, safe(part))?;
        }
        to.write_all(end.as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_takes_no_orders_from_a_file() {
        let mut out = Vec::new();
        show(&mut &b"a\tb\n\x1b]0;title\x07\r\n\xffend"[..], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a\tb\n\\x1b]0;title\\x07\\r\n\u{fffd}end");
    }
}
