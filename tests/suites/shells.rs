//! Completion in the shells themselves, and manual pages as they are set.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use teu_tests::{Teu, skip};

/// A folder in which the program is called `teu`, with a running container and an image to name.
fn prepared(shell: &str) -> Option<(Teu, PathBuf)> {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(shell).is_file()));
    if !found {
        skip(&format!("completion in {shell}"), &format!("{shell} is not installed"));
        return None;
    }
    let teu = Teu::with_busybox();
    teu.run(["run", "-d", "--name", "web", "--network", "none", "busybox", "sleep", "1000"]).ok();
    teu.run(["create", "--name", "idle", "--network", "none", "busybox", "true"]).ok();
    let folder = teu.root().join("shell");
    std::fs::create_dir(&folder).expect("a folder");
    std::os::unix::fs::symlink(teu.binary(), folder.join("teu")).expect("a link");
    std::fs::write(folder.join("script"), teu.run(["completion", shell]).ok()).expect("a file");
    Some((teu, folder))
}

fn say(teu: &Teu, folder: &std::path::Path, program: &str, arguments: &[&str]) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(program)
        .args(arguments)
        .env("TEU_ROOT", teu.root())
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("HOME", folder)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn fish_completes_commands_flags_and_names() {
    let Some((teu, folder)) = prepared("fish") else { return };
    let offered = |line: &str| {
        let script = format!("source {}/script; complete -C '{line}'", folder.display());
        let said = say(&teu, &folder, "fish", &["--no-config", "-c", &script]);
        said.lines().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("teu exec w"), ["web"]);
    assert_eq!(offered("teu exec i"), Vec::<String>::new(), "only what runs can be entered");
    assert_eq!(offered("teu rm i"), ["idle"]);
    assert_eq!(offered("teu run bu"), ["busybox:latest"]);
    assert_eq!(offered("teu contai"), ["container"]);
    assert!(offered("teu run --memory").contains(&"--memory-swap".to_owned()));
    teu.finish();
}

#[test]
fn zsh_completes_commands_flags_and_names() {
    let Some((teu, folder)) = prepared("zsh") else { return };
    // A shell at a terminal of its own, at which somebody types and looks what comes of the key.
    let driver = format!(
        "zmodload zsh/zpty\n\
         zpty shell zsh -f -i\n\
         zpty -w shell 'PS1=\"> \"; stty rows 40 cols 200; unsetopt prompt_cr prompt_sp; autoload -U compinit; compinit -u -D; \
         source {0}/script; echo SET''UP'\n\
         while zpty -r shell line; do [[ $line == *SETUP* && $line != *echo* ]] && break; done\n\
         for typed in 'teu exec w' 'teu rm i' 'teu run bu' 'teu contai' 'teu run --memory-sw'; do\n\
           zpty -n -w shell \"$typed\"$'\\t'\n\
           zpty -n -w shell $'\\C-aecho \"[\\C-e]\" >> {0}/typed\\n'\n\
         done\n\
         zpty -w shell 'exit'\n\
         while zpty -r shell line; do :; done\n",
        folder.display()
    );
    let script = folder.join("driver");
    std::fs::write(&script, driver).expect("a file");
    say(&teu, &folder, "zsh", &["-f", script.to_str().expect("text")]);
    let typed = std::fs::read_to_string(folder.join("typed")).expect("what was typed");
    let typed: Vec<&str> = typed.lines().map(|line| line.trim_matches(['[', ']', ' '])).collect();
    assert_eq!(
        typed,
        ["teu exec web", "teu rm idle", "teu run busybox:latest", "teu container", "teu run --memory-swap"]
    );
    teu.finish();
}

#[test]
fn bash_completes_commands_flags_and_names() {
    let Some((teu, folder)) = prepared("bash") else { return };
    let script = format!(
        "source {}/script\n\
         offer() {{ COMP_LINE=\"$*\"; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=()\n\
         read -r _ _ function _ <<< \"$(complete -p teu | sed 's/.*-F \\([^ ]*\\).*/x x \\1 x/')\"\n\
         \"$function\" teu \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[*]}}\"; }}\n\
         offer teu exec w; offer teu rm i; offer teu run bu; offer teu contai; offer teu run --memory-sw",
        folder.display()
    );
    let said = say(&teu, &folder, "bash", &["--norc", "-c", &script]);
    let offered: Vec<&str> = said.lines().map(str::trim).collect();
    assert_eq!(offered.len(), 5, "{said}");
    for (words, wanted) in offered.iter().zip(["web", "idle", "busybox:latest", "container", "--memory-swap"])
    {
        assert!(words.split_whitespace().any(|word| word == wanted), "{wanted}: {said}");
    }
    teu.finish();
}

#[test]
fn manual_pages_are_set_without_a_warning() {
    if Command::new("groff").arg("--version").stdout(Stdio::null()).status().is_err() {
        skip("manual pages", "groff is not installed");
        return;
    }
    let teu = Teu::new();
    let folder = teu.root().join("man");
    teu.run(["man", "--directory", &folder.display().to_string()]).ok();
    let pages: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    assert!(pages.len() > 100, "{}", pages.len());
    let output = Command::new("groff").args(["-man", "-Tutf8", "-ww"]).args(&pages).output().expect("groff");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success() && output.stdout.len() > 50_000, "{}", output.stdout.len());
}
