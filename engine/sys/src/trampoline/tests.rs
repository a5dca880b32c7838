use super::*;
use crate::process::{Child, CloneRequest, clone_child, parked, place_fd, wait_child};
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

const PIPE: RawFd = 100;
const SOCKET: RawFd = 101;

/// An answer that names its call.
fn answer(of: u8) -> Answer {
    let mut bytes = [0; 12];
    bytes[0] = of;
    bytes
}

fn table(strings: &[&CStr]) -> StringTable {
    StringTable::new(strings.iter().map(|string| CString::from(*string)).collect())
}

/// Runs a list in a child that has a pipe and a socket; gives what came through them and how the child ended.
fn run(path: &CStr, arguments: &[&CStr], list: impl FnOnce(&mut Calls)) -> (Vec<u8>, Vec<u8>, (i32, i32)) {
    let mut calls = Calls::told_through(PIPE, SOCKET);
    list(&mut calls);
    let trampoline =
        calls.finish(c"waiting", &table(arguments), &table(&[c"A=1", c"B="]), answer(99)).unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    let Child { pid, .. } = clone_child(&CloneRequest::default(), || {
        let placed = place_fd(writer.as_fd(), PIPE)
            .and_then(|()| place_fd(theirs.as_fd(), SOCKET))
            // What a child prints comes through the pipe as well.
            .and_then(|()| place_fd(parked(PIPE), 1))
            // A filter can then be loaded whoever runs the test.
            .and_then(|()| Ok(rustix::thread::set_no_new_privs(true)?));
        match placed {
            Ok(()) => trampoline.execute(trampoline.file().as_fd(), path).raw_os_error().unwrap_or(250),
            Err(_) => 251,
        }
    })
    .unwrap();
    drop((writer, theirs));
    let (mut told, mut sent) = (Vec::new(), Vec::new());
    ours.write_all(b"g").unwrap();
    ours.shutdown(std::net::Shutdown::Write).unwrap();
    reader.read_to_end(&mut told).unwrap();
    let _ = ours.read_to_end(&mut sent);
    (told, sent, wait_child(pid).unwrap())
}

#[test]
fn the_program_at_the_end_gets_its_arguments_and_environment() {
    let arguments =
        [c"sh", c"-c", c"echo \"$0|$1|$A|${B-unset}|$PATH\"; tr '\\0' ' ' < /proc/$$/cmdline", c"x", c""];
    let (told, _, ended) = run(c"/bin/sh", &arguments, |_| {});
    let text = String::from_utf8(told).unwrap();
    assert!(text.starts_with("x||1||"), "{text}");
    assert!(text.contains("sh -c "), "{text}");
    assert_eq!(ended, (0, 0));
}

#[test]
fn it_tells_waits_and_closes_what_the_program_must_not_have() {
    let arguments = [c"sh", c"-c", c"ls /proc/$$/fd | tr '\\n' ' '"];
    let (told, sent, ended) = run(c"/bin/sh", &arguments, |calls| {
        calls.take_name(c"a-name", answer(1));
        calls.send(SOCKET, b"ready", answer(2));
        calls.wait_for_byte(SOCKET, answer(3));
        calls.close_on_exec(PIPE, answer(4));
        calls.close(SOCKET, answer(5));
    });
    let text = String::from_utf8(told).unwrap();
    let open: Vec<&str> = text.split(' ').collect();
    assert!(open.contains(&"1") && !open.contains(&"100") && !open.contains(&"101"), "{text}");
    assert_eq!((sent.as_slice(), ended), (&b"ready"[..], (0, 0)));
}

#[test]
fn a_call_that_fails_is_told_both_ways_with_its_error_number() {
    let (told, sent, ended) = run(c"/bin/true", &[c"true"], |calls| calls.close(9999, answer(7)));
    let mut expected = answer(7);
    expected[8..].copy_from_slice(&libc::EBADF.to_ne_bytes());
    assert_eq!((told.as_slice(), sent.as_slice(), ended), (&expected[..], &expected[..], (1, 0)));
}

#[test]
fn an_end_of_file_where_a_byte_is_due_is_told_as_a_broken_pipe() {
    let (told, _, ended) = run(c"/bin/true", &[c"true"], |calls| {
        calls.wait_for_byte(SOCKET, answer(1));
        calls.wait_for_byte(SOCKET, answer(8));
    });
    let mut expected = answer(8);
    expected[8..].copy_from_slice(&libc::EPIPE.to_ne_bytes());
    assert_eq!((told.as_slice(), ended), (&expected[..], (1, 0)));
}

#[test]
fn a_program_that_is_not_there_is_told() {
    let (told, _, ended) = run(c"/no/such", &[c"x"], |_| {});
    let mut expected = answer(99);
    expected[8..].copy_from_slice(&libc::ENOENT.to_ne_bytes());
    assert_eq!((told.as_slice(), ended), (&expected[..], (1, 0)));
}

#[test]
fn a_filter_holds_the_program() {
    // Return EPERM (errno 1) for uname (63 on x86-64), else allow.
    let step = |code, jump_true, operand| Instruction { code, jump_true, jump_false: 0, operand };
    let program = [
        step(0x20, 0, 0),
        Instruction { code: 0x15, jump_true: 0, jump_false: 1, operand: libc::SYS_uname as u32 },
        step(0x06, 0, 0x0005_0001),
        step(0x06, 0, 0x7fff_0000),
    ];
    let (told, _, ended) = run(c"/bin/uname", &[c"uname"], |calls| {
        calls.load_filter(&program, 0, answer(1));
    });
    assert_eq!((told.as_slice(), ended.0), (&b""[..], 1));
}

#[test]
fn nobody_can_change_the_file() {
    let trampoline =
        Calls::told_through(-1, -1).finish(c"waiting", &table(&[c"true"]), &table(&[]), answer(1)).unwrap();
    let mut file = std::fs::File::from(trampoline.file().try_clone().unwrap());
    let refused = file.write_all(b"x").unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(libc::EPERM));
    let reopened =
        std::fs::OpenOptions::new().write(true).open(format!("/proc/self/fd/{}", file.as_raw_fd()));
    assert_eq!(
        reopened.and_then(|mut file| file.write_all(b"x")).unwrap_err().raw_os_error(),
        Some(libc::EPERM)
    );
}

#[test]
fn more_calls_than_there_is_room_for_are_refused() {
    let mut calls = Calls::told_through(-1, -1);
    (0..30).for_each(|number| calls.close(number, answer(0)));
    assert!(calls.finish(c"waiting", &table(&[]), &table(&[]), answer(0)).is_err());
}
