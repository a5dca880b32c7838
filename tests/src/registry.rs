//! Debian's `docker-registry` on a free port of the loopback, with a folder of its own.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The user of a registry that wants one.
pub const USER: &str = "porter";
/// The user's password.
pub const PASSWORD: &str = "open sesame";
/// The password's bcrypt hash, of the lowest cost.
const HASH: &str = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

/// A registry, stopped when it is dropped.
pub struct Registry {
    host: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Registry {
    /// Starts one; `None`, said loudly, where the program is missing.
    pub fn start(test: &str, password: bool) -> Option<Self> {
        let known = Command::new("docker-registry")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if known.is_err() {
            crate::skip(test, "docker-registry is not installed");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().display();
        let auth = if password {
            std::fs::write(folder.path().join("users"), format!("{USER}:{HASH}\n")).expect("a file");
            format!("auth:\n  htpasswd:\n    realm: test\n    path: {path}/users\n")
        } else {
            String::new()
        };
        // The port is free now; whoever loses the race for it tries again.
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
            let port = listener.local_addr().expect("an address").port();
            drop(listener);
            let config = format!(
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {path}/data\nhttp:\n  addr: 127.0.0.1:{port}\n  secret: x\n{auth}"
            );
            let file = folder.path().join("config.yml");
            std::fs::write(&file, config).expect("a file");
            let mut command = Command::new("docker-registry");
            command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
            let mut process = command.spawn().expect("the registry starts");
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(20)
                && process.try_wait().expect("a child").is_none()
            {
                if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Some(Self { host: format!("127.0.0.1:{port}"), process, _folder: folder });
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        panic!("docker-registry does not start");
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A name on this registry.
    pub fn name(&self, rest: &str) -> String {
        format!("{}/{rest}", self.host)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
