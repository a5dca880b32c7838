//! `teu version` and `teu --version`.

use super::{Outcome, print, say};
use crate::arguments::FormatArguments;
use crate::template::Template;
use serde_json::json;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One line.
pub fn short() -> Outcome {
    say(&format!("teu {VERSION}"))?;
    Ok(0)
}

/// Client and engine, which are one program.
pub fn run(arguments: &FormatArguments) -> Outcome {
    let system = rustix::system::uname();
    let (kernel, machine) = (system.release().to_string_lossy(), system.machine().to_string_lossy());
    let part = json!({"Version": VERSION, "ApiVersion": "", "Os": "linux", "Arch": machine, "KernelVersion": kernel});
    let value = json!({"Client": part, "Server": part});
    match arguments.format.as_deref() {
        Some("json") => say(&value.to_string())?,
        Some(template) => say(&Template::parse(template)?.render(&value)?)?,
        None => print(&format!(
            "teu:\n Version:  {VERSION}\n OS/Arch:  linux/{machine}\n Kernel:   {kernel}\n Engine:   in this program, without a daemon\n"
        ))?,
    }
    Ok(0)
}
