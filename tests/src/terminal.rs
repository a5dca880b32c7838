//! The real program in a real pseudo-terminal, with a screen that can be read.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read as _, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

fn cells(count: u16) -> std::num::NonZero<u16> {
    // A terminal of no size is one of a single cell to whoever looks at it.
    std::num::NonZero::new(count).unwrap_or(std::num::NonZero::<u16>::MIN)
}

/// A program in a terminal.
pub struct Terminal {
    parser: vt100::Parser,
    output: Receiver<Vec<u8>>,
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Option<Box<dyn Child + Send + Sync>>,
    raw: Vec<u8>,
}

impl Terminal {
    /// Starts a command of this `teu` in a terminal of this size.
    pub fn start(teu: &crate::Teu, arguments: &[&str], columns: u16, rows: u16) -> Self {
        Self::start_with(teu, arguments, columns, rows, &[])
    }

    /// Starts it with these variables set.
    pub fn start_with(
        teu: &crate::Teu,
        arguments: &[&str],
        columns: u16,
        rows: u16,
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = CommandBuilder::new(teu.binary());
        command.args(arguments);
        Self::open(teu, command, columns, rows, variables)
    }

    /// Starts a shell script in a terminal; `$TEU` is the program.
    pub fn start_script(teu: &crate::Teu, script: &str, columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new("bash");
        command.args(["-c", script]);
        command.env("TEU", teu.binary());
        Self::open(teu, command, columns, rows, &[])
    }

    fn open(
        teu: &crate::Teu,
        mut command: CommandBuilder,
        columns: u16,
        rows: u16,
        variables: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        command.env("TEU_ROOT", teu.root());
        // What it remembers goes with its store, not into the home of who runs this.
        command.env("XDG_STATE_HOME", teu.root().join("state"));
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).expect("the program starts");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let input = pair.master.take_writer().expect("a writer");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            parser: vt100::Parser::new(cells(rows), cells(columns), 0),
            output,
            input,
            master: pair.master,
            child: Some(child),
            raw: Vec::new(),
        }
    }

    /// Types bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.input.write_all(bytes.as_ref()).expect("the terminal takes input");
        self.input.flush().expect("the terminal takes input");
    }

    /// Gives the terminal a new size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).expect("a terminal can be resized");
        self.parser.screen_mut().set_size(cells(rows), cells(columns));
    }

    /// The screen's text, row by row.
    pub fn text(&mut self) -> String {
        self.take(Duration::ZERO);
        self.parser.screen().contents()
    }

    /// The screen's text after waiting this long for more of it.
    pub fn next_text(&mut self, wait: Duration) -> String {
        self.take(wait);
        self.parser.screen().contents()
    }

    /// How many bytes the program has written, after waiting this long for more.
    pub fn next_bytes(&mut self, wait: Duration) -> usize {
        self.take(wait);
        self.raw.len()
    }

    /// The screen as parsed, with colours and attributes.
    pub fn screen(&mut self) -> &vt100::Screen {
        self.take(Duration::ZERO);
        self.parser.screen()
    }

    /// All bytes that the program has written so far.
    pub fn raw(&mut self) -> &[u8] {
        self.take(Duration::ZERO);
        &self.raw
    }

    /// Waits until the screen shows a text; fails after fifteen seconds with the screen as it is.
    #[track_caller]
    pub fn expect(&mut self, wanted: &str) {
        self.expect_that(wanted, |text| text.contains(wanted));
    }

    /// Waits until the screen no longer shows a text.
    #[track_caller]
    pub fn expect_gone(&mut self, unwanted: &str) {
        self.expect_that(&format!("no {unwanted}"), |text| !text.contains(unwanted));
    }

    /// Waits until the screen's text satisfies a condition.
    #[track_caller]
    pub fn expect_that(&mut self, what: &str, condition: impl Fn(&str) -> bool) {
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            if condition(&self.text()) {
                return;
            }
            assert!(
                Instant::now() < end,
                "waited fifteen seconds for {what:?}; the screen shows:\n{}",
                self.text()
            );
            self.take(Duration::from_millis(20));
        }
    }

    /// Waits for the program's end and returns its exit code.
    #[track_caller]
    pub fn wait(&mut self) -> u32 {
        let end = Instant::now() + Duration::from_secs(15);
        loop {
            self.take(Duration::from_millis(10));
            if let Some(status) = self.child().try_wait().expect("a child can be waited for") {
                self.take(Duration::from_millis(50));
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end; the screen shows:\n{}", self.text());
        }
    }

    /// The program's process id.
    pub fn pid(&self) -> i32 {
        self.child.as_ref().and_then(|child| child.process_id()).expect("a running child") as i32
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: nix::sys::signal::Signal) {
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(self.pid()), signal)
            .expect("the program can be signalled");
    }

    /// Closes the terminal under the program, as a window that is closed or a connection that breaks does; gives the
    /// program back.
    pub fn lose(mut self) -> Box<dyn Child + Send + Sync> {
        let child = self.child.take().expect("a running child");
        // The terminal is gone once its reader has let go, too, which it does at the next output that nobody takes.
        self.output = channel().1;
        let (rows, columns) = self.parser.screen().size();
        self.resize(columns.get() + 1, rows.get());
        child
    }

    fn child(&mut self) -> &mut (dyn Child + Send + Sync) {
        self.child.as_deref_mut().expect("a running child")
    }

    fn take(&mut self, wait: Duration) {
        let mut first = self.output.recv_timeout(wait).ok();
        while let Some(bytes) = first.take() {
            self.parser.process(&bytes);
            self.raw.extend_from_slice(&bytes);
            first = self.output.try_recv().ok();
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
