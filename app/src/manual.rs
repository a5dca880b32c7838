//! Manual pages, made of what the command line knows of itself.

use crate::arguments::whole;
use clap::Command;
use clap_mangen::Man;
use teu_api::Failure;

/// One page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    /// Its file's name, `teu-container-ls.1`.
    pub file: String,
    /// Its text in roff.
    pub roff: Vec<u8>,
}

/// The page of one command, `["container", "ls"]`; of the program itself when empty.
pub fn page(path: &[String]) -> Result<Page, Failure> {
    let mut command = program();
    let mut name = "teu".to_owned();
    for word in path {
        command = command.find_subcommand(word).cloned().ok_or_else(|| {
            Failure::not_found(format!("no manual page: {name} has no command {word}"))
                .hint("see 'teu --help' for the commands")
        })?;
        name = format!("{name}-{}", command.get_name());
    }
    render(command, name)
}

/// Every page: the program's, and one for each command that is not hidden.
pub fn pages() -> Result<Vec<Page>, Failure> {
    let mut pages = Vec::new();
    collect(program(), "teu".to_owned(), &mut pages)?;
    Ok(pages)
}

/// All commands; `help` has no page of its own.
fn program() -> Command {
    whole().mut_subcommand("help", |help| help.hide(true))
}

fn collect(command: Command, name: String, pages: &mut Vec<Page>) -> Result<(), Failure> {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
    {
        collect(inner.clone(), format!("{name}-{}", inner.get_name()), pages)?;
    }
    pages.push(render(command, name)?);
    Ok(())
}

fn render(command: Command, name: String) -> Result<Page, Failure> {
    // The page of a command is that of a program of its own: `teu-run`, used as `teu run`.
    let usage = name.replacen('-', " ", name.matches('-').count().min(2));
    let command = command
        .name(name.clone())
        .bin_name(usage)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_subcommand(true)
        .disable_version_flag(true);
    let mut roff = Vec::new();
    Man::new(command)
        .manual("teu")
        .source(format!("teu {}", env!("CARGO_PKG_VERSION")))
        .render(&mut roff)
        .map_err(|error| Failure::internal(format!("cannot write the manual page {name}: {error}")))?;
    Ok(Page { file: format!("{name}.1"), roff })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let pages = pages().unwrap();
        let page = |file: &str| {
            let page = pages.iter().find(|page| page.file == file).unwrap_or_else(|| panic!("{file}"));
            String::from_utf8(page.roff.clone()).unwrap()
        };
        assert!(page("teu.1").contains("container"));
        assert!(page("teu-run.1").contains("cap\\-add"));
        assert!(page("teu-container-ls.1").contains("teu container ls"));
        assert!(
            pages.iter().all(|page| !page.file.contains("supervisor") && !page.file.contains("__complete"))
        );
    }

    #[test]
    fn a_page_is_found_by_its_words() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(page(&[]).unwrap().file, "teu.1");
        assert_eq!(page(&words("image from-host")).unwrap().file, "teu-image-from-host.1");
        let failure = page(&words("container dance")).unwrap_err();
        assert!(failure.message.contains("has no command dance") && failure.hint.is_some());
    }
}
