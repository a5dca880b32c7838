//! Messages between the parent and the child before its exec: fixed size, so that the child needs no memory.

use crate::error::RuntimeError;
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, recv, recvmsg, send, sendmsg,
};
use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};

/// Where the child was when something failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Stage {
    Descriptors,
    Session,
    Cgroup,
    JoinNamespace,
    NewNamespace,
    Propagation,
    Root,
    Hostname,
    Mount,
    MountTarget,
    Device,
    Link,
    Mask,
    ReadOnly,
    Pivot,
    Console,
    Sysctl,
    Rlimit,
    Scheduling,
    Identity,
    Capabilities,
    Privileges,
    Cwd,
    CwdEscape,
    Seccomp,
    Lookup,
    Exec,
    Gate,
    Hook,
    HookExit,
    Keyring,
    TimeOffsets,
    Label,
    Parent,
}

const STAGES: [Stage; 34] = {
    use Stage::{
        Capabilities, Cgroup, Console, Cwd, CwdEscape, Descriptors, Device, Exec, Gate, Hook, HookExit,
        Hostname, Identity, JoinNamespace, Keyring, Label, Link, Lookup, Mask, Mount, MountTarget,
        NewNamespace, Parent, Pivot, Privileges, Propagation, ReadOnly, Rlimit, Root, Scheduling, Seccomp,
        Session, Sysctl, TimeOffsets,
    };
    [
        Descriptors,
        Session,
        Cgroup,
        JoinNamespace,
        NewNamespace,
        Propagation,
        Root,
        Hostname,
        Mount,
        MountTarget,
        Device,
        Link,
        Mask,
        ReadOnly,
        Pivot,
        Console,
        Sysctl,
        Rlimit,
        Scheduling,
        Identity,
        Capabilities,
        Privileges,
        Cwd,
        CwdEscape,
        Seccomp,
        Lookup,
        Exec,
        Gate,
        Hook,
        HookExit,
        Keyring,
        TimeOffsets,
        Label,
        Parent,
    ]
};

/// A failure in the child.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub stage: Stage,
    /// Which mount, device, … of the plan.
    pub index: u32,
    pub errno: i32,
}

/// Result of a step in the child.
pub(crate) type Step<T> = Result<T, Fault>;

/// Puts a place on a kernel error without allocating.
pub(crate) trait At<T> {
    fn at(self, stage: Stage, index: usize) -> Step<T>;
}

impl<T> At<T> for rustix::io::Result<T> {
    fn at(self, stage: Stage, index: usize) -> Step<T> {
        self.map_err(|error| Fault { stage, index: index as u32, errno: error.raw_os_error() })
    }
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, stage: Stage, index: usize) -> Step<T> {
        self.map_err(|error| Fault { stage, index: index as u32, errno: error.raw_os_error().unwrap_or(5) })
    }
}

/// What the child says.
#[derive(Debug)]
pub(crate) enum Message {
    /// The namespaces exist: maps may be written, hooks may run. The child waits for a byte.
    Namespaces,
    /// A descriptor: the terminal's master side, or that of the process itself.
    Descriptor(OwnedFd),
    /// The number of the seccomp listener among the child's descriptors. The child waits for a byte.
    Listener(i32),
    /// All is prepared; the child waits at its gate.
    Ready,
    /// It failed and has ended.
    Fault(Fault),
}

const NAMESPACES: u8 = 1;
const DESCRIPTOR: u8 = 2;
const LISTENER: u8 = 3;
const READY: u8 = 4;
const FAULT: u8 = 5;

/// [`Message::Ready`] as it is sent.
pub(crate) fn ready_frame() -> [u8; 12] {
    frame(READY, 0, 0, 0)
}

fn frame(kind: u8, stage: u8, index: u32, number: i32) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[0] = kind;
    bytes[1] = stage;
    bytes[4..8].copy_from_slice(&index.to_ne_bytes());
    bytes[8..12].copy_from_slice(&number.to_ne_bytes());
    bytes
}

/// The frame of a fault, also written to the result fifo of `oci start`.
pub(crate) fn fault_frame(fault: Fault) -> [u8; 12] {
    frame(FAULT, fault.stage as u8, fault.index, fault.errno)
}

/// Child: sends a message without a descriptor.
pub(crate) fn tell(socket: BorrowedFd<'_>, message: &Message) -> Result<(), Errno> {
    let bytes = match message {
        Message::Namespaces => frame(NAMESPACES, 0, 0, 0),
        Message::Listener(number) => frame(LISTENER, 0, 0, *number),
        Message::Ready => ready_frame(),
        Message::Fault(fault) => fault_frame(*fault),
        Message::Descriptor(_) => return Err(Errno::INVAL),
    };
    send(socket, &bytes, SendFlags::NOSIGNAL).map(|_| ())
}

/// Child: sends a descriptor.
pub(crate) fn tell_descriptor(socket: BorrowedFd<'_>, master: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [master];
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(Errno::NOBUFS);
    }
    sendmsg(socket, &[IoSlice::new(&frame(DESCRIPTOR, 0, 0, 0))], &mut control, SendFlags::NOSIGNAL)
        .map(|_| ())
}

/// Child: waits for the parent's byte. An end of file means that the parent is gone.
pub(crate) fn wait_for_parent(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut byte = [0u8; 1];
    loop {
        match recv(socket, &mut byte, RecvFlags::empty()) {
            Ok((1, _)) => return Ok(()),
            Ok(_) => return Err(Errno::PIPE),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Parent: lets the child go on.
pub(crate) fn let_go(socket: BorrowedFd<'_>) -> Result<(), Errno> {
    send(socket, &[1u8], SendFlags::NOSIGNAL).map(|_| ())
}

/// Reads a frame that came by another way than the socket.
pub(crate) fn parse(bytes: &[u8]) -> Option<Message> {
    let number = |range: std::ops::Range<usize>| bytes.get(range).and_then(|b| b.try_into().ok());
    let last = i32::from_ne_bytes(number(8..12)?);
    Some(match *bytes.first()? {
        NAMESPACES => Message::Namespaces,
        LISTENER => Message::Listener(last),
        READY => Message::Ready,
        FAULT => Message::Fault(Fault {
            stage: *STAGES.get(usize::from(*bytes.get(1)?))?,
            index: u32::from_ne_bytes(number(4..8)?),
            errno: last,
        }),
        _ => return None,
    })
}

/// Parent: the next message, or `None` at the end of file: the child has executed its program or died.
pub(crate) fn hear(socket: BorrowedFd<'_>) -> Result<Option<Message>, RuntimeError> {
    let fail = |error: Errno| RuntimeError::kernel("hear from", "the container's first process", error);
    let mut bytes = [0u8; 12];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        match recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(received) => break received,
            Err(Errno::INTR) => {}
            Err(Errno::CONNRESET) => return Ok(None),
            Err(error) => return Err(fail(error)),
        }
    };
    if received.bytes == 0 {
        return Ok(None);
    }
    if bytes[0] == DESCRIPTOR {
        let fd = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        return fd.map(|fd| Some(Message::Descriptor(fd))).ok_or_else(|| fail(Errno::BADMSG));
    }
    parse(&bytes).map(Some).ok_or_else(|| fail(Errno::BADMSG))
}
