//! The full-screen user interface: the loop that joins the terminal, the engine and the pure `teu-ui`.
//!
//! Nothing here decides anything: events become messages, the model changes, one frame is drawn, effects go out.

mod background;
mod browser;
mod clipboard;
mod configuration;
mod effects;
mod engine;
mod input;
mod preferences;
mod screen;

use anyhow::Result;
use background::Sifted;
use engine::EngineThreads;
use futures_util::StreamExt as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use teu_api::Event;
use teu_core::Paths;
use teu_ui::{Model, Msg, update, view};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{self, Receiver};

/// How many events of the engine may wait. Each may hold some hundred kilobytes of a log or of a terminal: few are
/// enough for a flood between two frames, and more would only be memory.
const ENGINE_QUEUE: usize = 32;

/// How long events are taken in before keys get their turn, so that a flood can keep neither keys nor the screen.
const DRAIN: Duration = Duration::from_millis(3);

/// How far apart frames are that no key asked for: a flood changes more than anybody can see.
const FRAME: Duration = Duration::from_millis(33);

/// Runs the user interface until the user leaves it.
pub fn run(paths: &Paths, readonly: bool) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (sender, events) = mpsc::channel(ENGINE_QUEUE);
    let mut engine = engine::EngineThreads::start(paths.clone(), sender);
    // The terminal is given back, and the queue closed, before the last commands are waited for.
    let ended = runtime.block_on(main_loop(&mut engine, events, paths, readonly));
    engine.finish();
    ended
}

async fn main_loop(
    engine: &mut EngineThreads,
    engine_events: Receiver<Event>,
    paths: &Paths,
    readonly: bool,
) -> Result<()> {
    let mut screen = screen::Screen::enter()?;
    let mut model = Model::new(preferences::settings(paths, screen.size()?, readonly));
    let has_ended = Arc::new(AtomicBool::new(false));
    let ended = turn(&mut screen, &mut model, engine, engine_events, &has_ended).await;
    has_ended.store(true, Ordering::SeqCst);
    drop(screen);
    // Also when the terminal went away: the next one begins there. A home that cannot be written is no failure.
    if let Err(error) = preferences::save_session(paths, &model.session()) {
        let _ = writeln!(std::io::stderr(), "teu: the next start begins afresh: {error:#}");
    }
    ended
}

/// The next event of the terminal; `None` once it is gone. Reading a terminal that has hung up gives nothing without
/// end, and crossterm would read on for ever: so it is asked first.
async fn next(
    events: &mut crossterm::event::EventStream,
) -> Option<std::io::Result<crossterm::event::Event>> {
    std::future::poll_fn(|context| {
        if hangs_up_within(PollTimeout::ZERO) {
            std::task::Poll::Ready(None)
        } else {
            events.poll_next_unpin(context)
        }
    })
    .await
}

/// Whether the terminal hangs up within this time.
fn hangs_up_within(timeout: PollTimeout) -> bool {
    let input = std::io::stdin();
    let mut descriptors = [PollFd::new(input.as_fd(), PollFlags::empty())];
    poll(&mut descriptors, timeout).is_ok_and(|ready| ready > 0)
}

/// How long the interface has to end in good order once its terminal is gone.
const GRACE: Duration = Duration::from_secs(1);

/// Ends the program where the terminal went away in the very middle of a read, which then never comes back. An interface
/// that has ended by itself, and only waits for the last commands, is left to that.
fn end_with_the_terminal(ended: Arc<AtomicBool>) {
    std::thread::spawn(move || {
        // A signal may end the wait early.
        while !hangs_up_within(PollTimeout::NONE) {}
        std::thread::sleep(GRACE);
        if !ended.load(Ordering::SeqCst) {
            std::process::exit(1);
        }
    });
}

async fn turn(
    screen: &mut screen::Screen,
    model: &mut Model,
    engine: &mut EngineThreads,
    mut engine_events: Receiver<Event>,
    has_ended: &Arc<AtomicBool>,
) -> Result<()> {
    screen.draw(0, |frame| view(model, frame))?;
    let mut sieve = background::Sieve::default();
    if preferences::asks_for_background(model) {
        screen.write_raw(background::QUERY)?;
        sieve.expect();
    }

    end_with_the_terminal(has_ended.clone());
    let mut terminal_events = crossterm::event::EventStream::new();
    let mut hangup = signal(SignalKind::hangup())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut stop = signal(SignalKind::from_raw(nix::libc::SIGTSTP))?;
    let mut resume = signal(SignalKind::from_raw(nix::libc::SIGCONT))?;
    // Nothing was shown yet that the engine told: its first word does not wait for the next frame.
    let mut last_frame = Instant::now().checked_sub(FRAME).unwrap_or_else(Instant::now);
    let mut frame_due: Option<Instant> = None;
    loop {
        let deadline = model.next_deadline();
        let mut asked_for = true;
        let message = tokio::select! {
            biased;
            _ = hangup.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            _ = quit.recv() => return Ok(()),
            _ = stop.recv() => {
                screen.suspend()?;
                Some(Msg::Tick)
            }
            // Somebody may have stopped us who did not ask, and written to the terminal meanwhile.
            _ = resume.recv() => {
                screen.take_over()?;
                Some(Msg::Tick)
            }
            event = next(&mut terminal_events) => match event {
                Some(Ok(event)) => match sieve.sift(event) {
                    Sifted::Through(event) => input::message(event),
                    Sifted::Answer(Some(light)) => Some(Msg::Background { light }),
                    Sifted::Kept | Sifted::Answer(None) => None,
                },
                // The terminal is gone.
                Some(Err(_)) | None => return Ok(()),
            },
            () = until(frame_due) => None,
            Some(event) = engine_events.recv() => {
                asked_for = false;
                Some(Msg::Engine(event))
            }
            () = sleep_until(deadline) => Some(Msg::Tick),
        };
        let mut pending = message;
        let begun = Instant::now();
        while let Some(message) = pending.take() {
            if let Msg::Resize { .. } = message {
                screen.forget()?;
            }
            for effect in update(model, message, now()) {
                if effects::carry_out(effect, screen, engine)?.is_break() {
                    return Ok(());
                }
            }
            // What a key did is shown before anything else is taken in.
            if !asked_for && begun.elapsed() < DRAIN {
                pending = engine_events.try_recv().ok().map(Msg::Engine);
            }
        }
        if !model.needs_redraw() && frame_due.is_none() {
            continue;
        }
        if asked_for || last_frame.elapsed() >= FRAME {
            screen.draw(model.cursor_shape(), |frame| view(model, frame))?;
            last_frame = Instant::now();
            frame_due = None;
        } else {
            frame_due = Some(last_frame + FRAME);
        }
    }
}

/// Waits for a moment; for ever where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

async fn sleep_until(deadline: Option<i64>) {
    match deadline {
        Some(at) => tokio::time::sleep(Duration::from_nanos(at.saturating_sub(now()).max(0) as u64)).await,
        None => std::future::pending().await,
    }
}

/// Nanoseconds since the Unix epoch.
fn now() -> i64 {
    jiff::Timestamp::now().as_nanosecond() as i64
}
