//! Which program of this host holds a port: the kernel's tables name the socket, `/proc/PID/fd` its owner.

use std::fs;
use teu_api::container::PortProtocol;

/// The program that holds a port, as `nginx (pid 123)`; `None` when it cannot be told.
pub(super) fn program(protocol: PortProtocol, port: u16) -> Option<String> {
    let tables: &[&str] = match protocol {
        PortProtocol::Tcp => &["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"],
        PortProtocol::Udp => &["/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"],
        PortProtocol::Sctp => return None,
    };
    let inodes: Vec<String> = tables
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| sockets(&table, port, protocol == PortProtocol::Tcp))
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if inodes.is_empty() {
        return None;
    }
    for process in fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        let Some(pid) = name.to_str().filter(|name| name.bytes().all(|b| b.is_ascii_digit())) else {
            continue;
        };
        let Ok(files) = fs::read_dir(process.path().join("fd")) else { continue };
        let holds = files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|target| target.to_str().is_some_and(|target| inodes.iter().any(|inode| inode == target)));
        if holds {
            let command = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            // A program chooses its own name; what is no letter must not reach a terminal.
            let command: String =
                command.trim().chars().map(|c| if c.is_control() { '?' } else { c }).collect();
            return Some(format!("{command} (pid {pid})"));
        }
    }
    None
}

/// The inodes of sockets bound to a port; of TCP only listening ones, since others only pass through.
fn sockets(table: &str, port: u16, listening: bool) -> Vec<String> {
    const LISTEN: &str = "0A";
    let mut inodes = Vec::new();
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (Some(local), Some(state), Some(inode)) = (fields.get(1), fields.get(3), fields.get(9)) else {
            continue;
        };
        let matches =
            local.rsplit_once(':').and_then(|(_, hex)| u16::from_str_radix(hex, 16).ok()) == Some(port);
        if matches && (!listening || *state == LISTEN) {
            inodes.push((*inode).to_owned());
        }
    }
    inodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, UdpSocket};

    #[test]
    fn reads_the_kernel_s_table() {
        let table = "  sl  local_address rem_address   st tx rx tr tm retr uid timeout inode\n\
             0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4711 1 0 100 0 0 10 0\n\
             1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000 0 0 4712 1 0 100 0 0 10 0\n";
        assert_eq!(sockets(table, 8080, true), ["4711"]);
        assert_eq!(sockets(table, 8080, false), ["4711", "4712"]);
        assert!(sockets(table, 80, false).is_empty());
    }

    #[test]
    fn finds_this_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let found = program(PortProtocol::Tcp, listener.local_addr().unwrap().port()).unwrap();
        assert!(found.contains(&format!("(pid {})", std::process::id())), "{found}");
        let socket = UdpSocket::bind("[::1]:0").unwrap();
        let found = program(PortProtocol::Udp, socket.local_addr().unwrap().port()).unwrap();
        assert!(found.contains(&format!("(pid {})", std::process::id())), "{found}");
    }
}
