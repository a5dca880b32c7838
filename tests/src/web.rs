//! A server of files on loopback, as `ADD` and contexts of builds name them.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Files by their path, and what was asked for.
#[derive(Default)]
struct Files {
    by_path: BTreeMap<String, Vec<u8>>,
    folder: Option<PathBuf>,
    asked: Vec<String>,
}

/// A server; it ends with the test.
pub struct Web {
    address: SocketAddr,
    files: Arc<Mutex<Files>>,
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}

impl Web {
    /// One without files.
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port of loopback");
        let address = listener.local_addr().expect("its address");
        let files = Arc::new(Mutex::new(Files::default()));
        let served = Arc::clone(&files);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever breaks off has what it wanted.
                let _ = answer(&stream, &served);
            }
        });
        Self { address, files }
    }

    /// Serves a file at a path, `/a/b`.
    pub fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        self.files().by_path.insert(path.to_owned(), content.into());
    }

    /// Serves the files of a folder as well.
    pub fn serve(&self, folder: impl Into<PathBuf>) {
        self.files().folder = Some(folder.into());
    }

    /// The whole address of a path.
    pub fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was answered since the last question: `200 /a/b`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.files().asked)
    }

    fn files(&self) -> std::sync::MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(mut stream: &TcpStream, files: &Mutex<Files>) -> std::io::Result<()> {
    let (mut target, mut known) = (String::new(), String::new());
    for line in BufReader::new(stream).lines() {
        let line = line?;
        if line.is_empty() {
            break;
        }
        if let Some(rest) = line.strip_prefix("GET ") {
            rest.split([' ', '?']).next().unwrap_or_default().clone_into(&mut target);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("if-none-match")
        {
            value.trim().clone_into(&mut known);
        }
    }
    let mut files = files.lock().unwrap_or_else(PoisonError::into_inner);
    let on_disk = || std::fs::read(files.folder.as_ref()?.join(target.trim_start_matches('/'))).ok();
    let content = files.by_path.get(&target).cloned().or_else(on_disk);
    let (status, body, tag) = match content {
        None => ("404 Not Found", Vec::new(), String::new()),
        Some(content) => {
            let mut sum = 0u32;
            for byte in &content {
                sum = sum.wrapping_mul(31).wrapping_add(u32::from(*byte));
            }
            let tag = format!("\"{}-{sum}\"", content.len());
            if tag == known { ("304 Not Modified", Vec::new(), tag) } else { ("200 OK", content, tag) }
        }
    };
    files.asked.push(format!("{} {target}", &status[..3]));
    drop(files);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nETag: {tag}\r\n\
         Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}
