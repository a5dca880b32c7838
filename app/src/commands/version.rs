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
    // Docker's words, which are Go's.
    let machine = match machine.as_ref() {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let client = json!({
        "Version": VERSION, "ApiVersion": "", "DefaultAPIVersion": "", "GitCommit": "", "GoVersion": "",
        "Os": "linux", "Arch": machine, "BuildTime": "", "Context": "default",
    });
    let server = json!({
        "Platform": {"Name": "teu"}, "Components": [{"Name": "Engine", "Version": VERSION, "Details": {}}],
        "Version": VERSION, "ApiVersion": "", "MinAPIVersion": "", "GitCommit": "", "GoVersion": "",
        "Os": "linux", "Arch": machine, "KernelVersion": kernel, "BuildTime": "",
    });
    let value = json!({"Client": client, "Server": server});
    match arguments.format.as_deref() {
        Some("json") => say(&value.to_string())?,
        Some(template) => say(&Template::parse(template)?.render(&value)?)?,
        None => print(&format!(
            "Client:\n Version:           {VERSION}\n OS/Arch:           linux/{machine}\n Context:           default\n\nServer: in this program, without a daemon\n Engine:\n  Version:          {VERSION}\n  OS/Arch:          linux/{machine}\n  Kernel:           {kernel}\n"
        ))?,
    }
    Ok(0)
}
