//! Debian's `docker-registry`, started and stopped by each test that needs it.

use std::fmt::Write as _;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A user of registries that ask for one.
pub const USER: &str = "porter";
/// The password.
pub const PASSWORD: &str = "open sesame";
/// Its bcrypt hash, of the lowest cost.
const HASH: &str = "$2y$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy";

pub struct Registry {
    /// `127.0.0.1:PORT`.
    pub host: String,
    process: Child,
    _folder: TempDir,
}

/// What a registry is started with.
#[derive(Clone, Copy, Default)]
pub struct With<'a> {
    /// Whether it asks for user and password.
    pub password: bool,
    /// Certificate and key.
    pub tls: Option<(&'a std::path::Path, &'a std::path::Path)>,
}

impl Registry {
    /// Starts one, or says loudly that there is none.
    pub fn start(with: With) -> Option<Self> {
        let known = Command::new("docker-registry")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        if known.is_err() {
            super::skip("docker-registry");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        // The port is free now; a test that loses the race to another process tries again.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut config = format!(
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    \
                 rootdirectory: {path}/data\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:{port}\n  secret: x\n"
            );
            if let Some((certificate, key)) = with.tls {
                write!(
                    config,
                    "  tls:\n    certificate: {}\n    key: {}\n",
                    certificate.display(),
                    key.display()
                )
                .unwrap();
            }
            if with.password {
                fs::write(folder.path().join("users"), format!("{USER}:{HASH}\n")).unwrap();
                write!(config, "auth:\n  htpasswd:\n    realm: test\n    path: {path}/users\n").unwrap();
            }
            let file = folder.path().join("config.yml");
            fs::write(&file, config).unwrap();
            let mut process = Command::new("docker-registry")
                .arg("serve")
                .arg(&file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let started = Instant::now();
            while started.elapsed() < Duration::from_secs(20) && process.try_wait().unwrap().is_none() {
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

    pub fn plain() -> Option<Self> {
        Self::start(With::default())
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
