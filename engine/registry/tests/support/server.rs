//! A server whose every answer a test decides: a registry of its own, or a proxy that breaks what passes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn is(&self, method: &str, part: &str) -> bool {
        self.method == method && self.target.contains(part)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The connection is cut after so many bytes of the body.
    pub cut_after: Option<usize>,
    /// The body comes in pieces of so many bytes, with a pause before each.
    pub slowly: Option<(usize, Duration)>,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), ..Self::default() }
    }

    /// Adds or replaces a header.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(n, _)| n != name);
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

pub struct Server {
    /// `127.0.0.1:PORT`.
    pub host: String,
    /// Everything that was asked, in order.
    pub requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let handler = Arc::new(handler);
        let thread = std::thread::spawn({
            let (stop, requests) = (Arc::clone(&stop), Arc::clone(&requests));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let (handler, requests) = (Arc::clone(&handler), Arc::clone(&requests));
                    let stream = stream.unwrap();
                    std::thread::spawn(move || serve(&stream, &*handler, &requests));
                }
            }
        });
        Self { host, requests, stop, thread: Some(thread) }
    }

    /// A proxy before a plain registry. The fault gets what was asked and a way to ask the registry.
    pub fn proxy(
        upstream: &str,
        fault: impl Fn(&Request, &dyn Fn(&Request) -> Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let upstream = upstream.to_owned();
        Self::start(move |request| fault(request, &|request| forward(&upstream, request, request.body.len())))
    }

    /// How many requests matched.
    pub fn count(&self, method: &str, part: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request.is(method, part)).count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(&self.host);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(stream: &TcpStream, handler: &dyn Fn(&Request) -> Reply, requests: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = read_request(&mut reader) {
        requests.lock().unwrap().push(request.clone());
        let reply = handler(&request);
        if write_reply(stream, &request, &reply).is_none() || reply.cut_after.is_some() {
            break;
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
}

fn read_head(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<(String, String)>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let first = line.trim_end().to_owned();
    if !first.contains("HTTP/1") {
        // What a client of TLS says first: it learns that this is none.
        return None;
    }
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some((first, headers))
}

fn read_body(
    reader: &mut BufReader<TcpStream>,
    headers: &[(String, String)],
    until_end: bool,
) -> Option<Vec<u8>> {
    let get = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let mut body = Vec::new();
    if get("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let length = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut chunk = vec![0; length + 2];
            reader.read_exact(&mut chunk).ok()?;
            if length == 0 {
                return Some(body);
            }
            body.extend_from_slice(&chunk[..length]);
        }
    }
    match get("content-length") {
        Some(length) => {
            body.resize(length.parse().ok()?, 0);
            reader.read_exact(&mut body).ok()?;
        }
        None if until_end => {
            reader.read_to_end(&mut body).ok()?;
        }
        None => {}
    }
    Some(body)
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let (first, headers) = read_head(reader)?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let body = read_body(reader, &headers, false)?;
    Some(Request { method, target, headers, body })
}

fn write_reply(mut stream: &TcpStream, request: &Request, reply: &Reply) -> Option<()> {
    if reply.status == 0 {
        return None;
    }
    let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    if reply.header("content-length").is_none() && reply.header("transfer-encoding").is_none() {
        head += &format!("content-length: {}\r\n", reply.body.len());
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    if request.method == "HEAD" {
        return Some(());
    }
    let body = &reply.body[..reply.cut_after.unwrap_or(reply.body.len()).min(reply.body.len())];
    match reply.slowly {
        Some((size, pause)) => {
            for piece in body.chunks(size) {
                std::thread::sleep(pause);
                stream.write_all(piece).ok()?;
            }
        }
        None => stream.write_all(body).ok()?,
    }
    Some(())
}

/// Asks a plain registry, sending only the first bytes of the body when fewer are wanted.
pub fn forward(upstream: &str, request: &Request, body: usize) -> Reply {
    let mut stream = TcpStream::connect(upstream).unwrap();
    let mut head = format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method, request.target);
    for (name, value) in
        request.headers.iter().filter(|(name, _)| name != "connection" && name != "transfer-encoding")
    {
        head += &format!("{name}: {value}\r\n");
    }
    if request.header("content-length").is_none() && !request.body.is_empty() {
        head += &format!("content-length: {}\r\n", request.body.len());
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(&request.body[..body]).unwrap();
    if body < request.body.len() {
        // Let the registry take in what has come before it learns that no more will.
        std::thread::sleep(Duration::from_millis(200));
        return Reply::default();
    }
    let mut reader = BufReader::new(stream);
    let (first, headers) = read_head(&mut reader).expect("the registry answers");
    let status = first.split(' ').nth(1).unwrap().parse().unwrap();
    let body = if request.method == "HEAD" {
        Vec::new()
    } else {
        read_body(&mut reader, &headers, true).unwrap_or_default()
    };
    let headers = headers.into_iter().filter(|(name, _)| name != "connection" && name != "transfer-encoding");
    Reply { status, headers: headers.collect(), body, ..Reply::default() }
}
