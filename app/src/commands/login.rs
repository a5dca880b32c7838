//! `teu login` and `teu logout`.

use super::{Outcome, say};
use crate::arguments::{LoginArguments, LogoutArguments};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use teu_api::Failure;
use teu_core::images::account;

/// The most that is read of a password from standard input, in bytes.
const LONGEST: u64 = 64 << 10;

/// Checks a name and a password with a registry, and keeps them.
pub fn run(arguments: LoginArguments) -> Outcome {
    let host = host(arguments.server.as_deref());
    let (username, password) = match (arguments.username, arguments.password) {
        (None, _) if arguments.password_stdin => {
            return Err(Failure::usage("Must provide --username with --password-stdin").hint("add -u NAME"));
        }
        (Some(username), _) if arguments.password_stdin => (username, from_input()?),
        (Some(username), Some(password)) => {
            warn("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
            (username, password)
        }
        (username, password) => {
            if !io::stdin().is_terminal() {
                return Err(Failure::usage("Cannot perform an interactive login from a non TTY device")
                    .hint("use --username with --password-stdin"));
            }
            let username = match username {
                Some(username) => username,
                None => ask("Username: ")?,
            };
            let password = match password {
                Some(password) => password,
                None => ask_secretly("Password: ")?,
            };
            (username, password)
        }
    };
    if username.is_empty() || password.is_empty() {
        return Err(Failure::usage("username and password must not be empty")
            .hint("use --username with --password-stdin"));
    }
    account::login(host, username, password)?;
    say("Login Succeeded")?;
    Ok(0)
}

/// Forgets a name and a password.
pub fn logout(arguments: &LogoutArguments) -> Outcome {
    let host = host(arguments.server.as_deref());
    if account::logout(host)? {
        say(&format!("Removing login credentials for {host}"))?;
    } else {
        say(&format!("Not logged in to {host}"))?;
    }
    Ok(0)
}

/// The registry's host in what the user wrote, which may be an address.
fn host(server: Option<&str>) -> &str {
    let server = server.filter(|server| !server.is_empty()).unwrap_or(account::DEFAULT_REGISTRY);
    let server = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://")).unwrap_or(server);
    server.split('/').next().unwrap_or(server)
}

fn warn(text: &str) {
    // Standard error that is gone leaves no one to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

fn failed(error: io::Error) -> Failure {
    Failure::internal(format!("cannot read from standard input: {error}"))
}

fn from_input() -> Result<String, Failure> {
    let mut text = String::new();
    io::stdin().lock().take(LONGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(text
        .strip_suffix('\n')
        .map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line))
        .to_owned())
}

fn ask(prompt: &str) -> Result<String, Failure> {
    let _ = io::stderr().write_all(prompt.as_bytes());
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(failed)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Asks while the terminal does not show what is typed.
fn ask_secretly(prompt: &str) -> Result<String, Failure> {
    let before = tcgetattr(io::stdin()).map_err(|error| failed(error.into()))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(io::stdin(), OptionalActions::Flush, &silent).map_err(|error| failed(error.into()))?;
    let answer = ask(prompt);
    let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &before);
    warn("");
    answer
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn addresses_name_hosts() {
        for (server, wanted) in [
            (None, "docker.io"),
            (Some(""), "docker.io"),
            (Some("https://index.docker.io/v1/"), "index.docker.io"),
            (Some("127.0.0.1:5000"), "127.0.0.1:5000"),
            (Some("http://lan/"), "lan"),
        ] {
            assert_eq!(host(server), wanted, "{server:?}");
        }
    }
}
