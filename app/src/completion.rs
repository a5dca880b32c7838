//! Shell completion: clap's scripts for words and flags, and names of containers, images, volumes and networks
//! that the program tells when asked (`teu __complete containers`).

use crate::arguments::{Shell, whole};
use clap::Command;
use clap_complete::{Shell as ClapShell, generate};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Flags whose values are names, whatever the command.
const FLAGS: [(&str, &str); 4] = [
    ("--network", "networks"),
    ("--net", "networks"),
    ("--volumes-from", "containers"),
    ("--link", "containers"),
];

/// Commands that mean running containers only.
const RUNNING: [&str; 9] = ["attach", "exec", "kill", "pause", "port", "stats", "stop", "top", "update"];

/// The script that a shell reads.
pub fn script(shell: Shell) -> String {
    let mut command = whole();
    let mut out = Vec::new();
    let clap_shell = match shell {
        Shell::Bash => ClapShell::Bash,
        Shell::Zsh => ClapShell::Zsh,
        Shell::Fish => ClapShell::Fish,
    };
    generate(clap_shell, &mut command, "teu", &mut out);
    let words = String::from_utf8_lossy(&out).into_owned();
    let kinds = kinds(&whole());
    match shell {
        Shell::Bash => words + &bash(&kinds),
        Shell::Zsh => zsh(&words),
        Shell::Fish => words + &fish(&kinds),
    }
}

/// What each command's arguments name: `container ls` to `containers`.
fn kinds(root: &Command) -> BTreeMap<String, &'static str> {
    let mut kinds = BTreeMap::new();
    for command in root.get_subcommands() {
        collect(command, "", &mut kinds);
    }
    kinds
}

fn collect(command: &Command, before: &str, kinds: &mut BTreeMap<String, &'static str>) {
    if command.is_hide_set() {
        return;
    }
    for name in std::iter::once(command.get_name()).chain(command.get_visible_aliases()) {
        let path = format!("{before}{name}");
        let first = command.get_positionals().next();
        if let Some(kind) = first.and_then(|argument| kind(command.get_name(), argument.get_id().as_str())) {
            kinds.insert(path.clone(), kind);
        } else if matches!(path.as_str(), "inspect" | "container inspect") {
            kinds.insert(path.clone(), "containers");
        } else if let Some(kind) = inspected(&path) {
            kinds.insert(path.clone(), kind);
        }
        for inner in command.get_subcommands() {
            collect(inner, &format!("{path} "), kinds);
        }
    }
}

/// The things that a group's `inspect` looks at.
fn inspected(path: &str) -> Option<&'static str> {
    Some(match path {
        "image inspect" => "images",
        "volume inspect" => "volumes",
        "network inspect" => "networks",
        _ => return None,
    })
}

/// What an argument names, by its id.
fn kind(command: &str, id: &str) -> Option<&'static str> {
    Some(match id {
        "containers" | "container" | "container_and_command" | "container_and_options" => {
            if RUNNING.contains(&command) { "running" } else { "containers" }
        }
        "images" | "image" | "image_and_command" | "first" => "images",
        "source" if command == "tag" => "images",
        "source" if command == "cp" => "containers",
        "volumes" | "volume" => "volumes",
        "networks" | "network" => "networks",
        _ => return None,
    })
}

/// Commands by what they name, for a `case`.
fn by_kind<'a>(kinds: &'a BTreeMap<String, &'static str>) -> BTreeMap<&'static str, Vec<&'a str>> {
    let mut grouped: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for (path, kind) in kinds {
        grouped.entry(kind).or_default().push(path);
    }
    grouped
}

/// A function around clap's own: where a name can stand, names are offered too.
fn bash(kinds: &BTreeMap<String, &'static str>) -> String {
    let mut cases = String::new();
    for (kind, paths) in by_kind(kinds) {
        let patterns: Vec<String> = paths.iter().map(|path| format!("\"{path}\"")).collect();
        let _ = writeln!(cases, "        {}) kind={kind} ;;", patterns.join("|"));
    }
    let mut flags = String::new();
    for (flag, kind) in FLAGS {
        let _ = writeln!(flags, "        {flag}) kind={kind} ;;");
    }
    format!(
        r#"
_teu_with_names() {{
    _teu "$@"
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" kind="" path="" word
    [[ "$current" == -* ]] && return
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        [[ "$word" == -* ]] && continue
        case "$path" in
        "") path="$word" ;;
        container|image|volume|network|system|compose) path="$path $word" ;;
        *) break ;;
        esac
    done
    case "$path" in
{cases}    esac
    case "$previous" in
{flags}    esac
    [[ -z "$kind" ]] && return
    local names
    names="$("${{COMP_WORDS[0]}}" __complete "$kind" 2>/dev/null)"
    COMPREPLY+=($(compgen -W "$names" -- "$current"))
    declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
}}
complete -F _teu_with_names -o nosort -o bashdefault -o default teu 2>/dev/null || complete -F _teu_with_names -o bashdefault -o default teu
"#
    )
}

/// In clap's script each argument says what completes it: `:_default` becomes the names of its kind.
fn zsh(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 1024);
    let mut command = String::new();
    for line in words.lines() {
        let trimmed = line.trim_start();
        // `(exec)` opens the part of a command.
        if let Some(name) = trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            name.clone_into(&mut command);
        }
        let id = trimmed
            .trim_start_matches(['\'', '"', '*', ':'])
            .split(" -- ")
            .next()
            .filter(|_| trimmed.starts_with(['\'', '"']) && trimmed.contains(" -- "));
        match id.and_then(|id| kind(&command, id)) {
            Some(kind) => {
                out.push_str(&line.replace(":_default'", &format!(":{{_teu_names {kind}}}'")));
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    let function = r#"
_teu_names() {
    local -a names
    names=(${(f)"$(teu __complete $1 2>/dev/null)"})
    compadd -a names
}
"#;
    // The file runs itself at its end: the function must stand before that.
    match out.find("\n_teu() {") {
        Some(at) => format!("{}{function}{}", &out[..at], &out[at..]),
        None => out + function,
    }
}

fn fish(kinds: &BTreeMap<String, &'static str>) -> String {
    let mut out = String::new();
    for (path, kind) in kinds {
        let condition = match path.split_once(' ') {
            Some((group, command)) => {
                format!("__fish_seen_subcommand_from {group}; and __fish_seen_subcommand_from {command}")
            }
            None => format!("test (count (commandline -opc)) -gt 1; and test (commandline -opc)[2] = {path}"),
        };
        let _ =
            writeln!(out, "complete -c teu -n \"{condition}\" -f -a \"(teu __complete {kind} 2>/dev/null)\"");
    }
    for (flag, kind) in FLAGS {
        let long = flag.trim_start_matches('-');
        let _ = writeln!(out, "complete -c teu -l {long} -x -a \"(teu __complete {kind} 2>/dev/null)\"");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_that_takes_names_offers_them() {
        let kinds = kinds(&whole());
        for (path, kind) in [
            ("start", "containers"),
            ("exec", "running"),
            ("container stop", "running"),
            ("run", "images"),
            ("rmi", "images"),
            ("image history", "images"),
            ("volume rm", "volumes"),
            ("network connect", "networks"),
            ("network inspect", "networks"),
            ("inspect", "containers"),
        ] {
            assert_eq!(kinds.get(path), Some(&kind), "{path}");
        }
        assert!(!kinds.contains_key("ps") && !kinds.contains_key("supervisor"));
    }

    #[test]
    fn each_script_asks_for_names() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            assert!(script.contains("__complete"), "{shell:?}");
            assert!(script.contains("--cap-add") || script.contains("cap-add"), "{shell:?}");
        }
        assert!(script(Shell::Zsh).contains(":{_teu_names running}'"));
    }
}
