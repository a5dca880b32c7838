//! Datagrams that are passed on. Each asker has a socket of its own to the container, so that what comes back on it is
//! known to be for them; it is kept while they have something to say to each other.

use super::ROUND;
use crate::interest::Interest;
use nix::errno::Errno;
use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg, setsockopt, sockopt,
};
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, RawFd};
use std::time::{Duration, Instant};

/// Askers of one container at a time; for one more, the one that has been silent for longest is forgotten.
const MOST: usize = 128;
/// How long an asker may be silent.
const PATIENCE: Duration = Duration::from_secs(90);
/// The largest datagram.
const LARGEST: usize = 65_536;

/// The doors for datagrams and those who came to them.
#[derive(Default)]
pub(super) struct Datagrams {
    doors: Vec<(UdpSocket, SocketAddr)>,
    askers: Vec<Asker>,
}

/// Who sends to a door.
struct Asker {
    /// The door's descriptor.
    door: RawFd,
    address: SockaddrStorage,
    /// The address of this host that was asked: the answer must come from there.
    asked: Option<Asked>,
    socket: UdpSocket,
    deadline: Instant,
}

#[derive(Clone, Copy)]
enum Asked {
    Ipv4(in_pktinfo),
    Ipv6(in6_pktinfo),
}

/// A datagram that came in.
struct Received {
    length: usize,
    from: SockaddrStorage,
    asked: Option<Asked>,
}

impl Datagrams {
    /// Passes on what comes to a socket.
    pub(super) fn open(&mut self, socket: UdpSocket, target: SocketAddr) {
        // Without this answers come from the address that the kernel likes best: mostly the one that was asked.
        let _ = setsockopt(&socket, sockopt::Ipv4PacketInfo, &true);
        let _ = setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true);
        self.doors.push((socket, target));
    }

    pub(super) fn len(&self) -> usize {
        self.doors.len()
    }

    pub(super) fn interests<'a>(&'a self, into: &mut Vec<Interest<'a>>) {
        into.extend(self.doors.iter().map(|(door, _)| Interest::reading(door.as_fd())));
        into.extend(self.askers.iter().map(|asker| Interest::reading(asker.socket.as_fd())));
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.askers.iter().map(|asker| asker.deadline).min()
    }

    pub(super) fn expire(&mut self, now: Instant) {
        self.askers.retain(|asker| asker.deadline > now);
    }

    pub(super) fn ready(&mut self, fd: RawFd, now: Instant) {
        if let Some(door) = self.doors.iter().position(|(door, _)| door.as_raw_fd() == fd) {
            self.pass_on(door, now);
        } else if let Some(asker) = self.askers.iter().position(|asker| asker.socket.as_raw_fd() == fd) {
            self.pass_back(asker, now);
        }
    }

    /// From outside to the container. What cannot be sent is lost, as datagrams may be.
    fn pass_on(&mut self, door: usize, now: Instant) {
        let mut buffer = vec![0; LARGEST];
        for _ in 0..ROUND {
            let (socket, target) = &self.doors[door];
            let Ok(received) = receive(socket, &mut buffer) else { return };
            let fd = socket.as_raw_fd();
            let known =
                self.askers.iter().position(|asker| asker.door == fd && asker.address == received.from);
            let position = match known {
                Some(position) => position,
                None => {
                    let Ok(socket) = toward(*target) else { continue };
                    let (address, asked) = (received.from, received.asked);
                    self.make_room();
                    self.askers.push(Asker { door: fd, address, asked, socket, deadline: now });
                    self.askers.len() - 1
                }
            };
            let asker = &mut self.askers[position];
            asker.deadline = now + PATIENCE;
            asker.asked = received.asked;
            let _ = asker.socket.send(&buffer[..received.length]);
        }
    }

    /// From the container to who asked.
    fn pass_back(&mut self, position: usize, now: Instant) {
        let mut buffer = vec![0; LARGEST];
        let asker = &mut self.askers[position];
        let Some((door, _)) = self.doors.iter().find(|(door, _)| door.as_raw_fd() == asker.door) else {
            return;
        };
        for _ in 0..ROUND {
            match asker.socket.recv(&mut buffer) {
                Ok(length) => {
                    asker.deadline = now + PATIENCE;
                    let _ = answer(door, &buffer[..length], asker);
                }
                // That nobody listens in the container is told once, and does not last.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
                Err(_) => return,
            }
        }
    }

    fn make_room(&mut self) {
        if self.askers.len() >= MOST
            && let Some((oldest, _)) = self.askers.iter().enumerate().min_by_key(|(_, asker)| asker.deadline)
        {
            self.askers.swap_remove(oldest);
        }
    }
}

fn toward(target: SocketAddr) -> rustix::io::Result<UdpSocket> {
    let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::DGRAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    connect(&socket, &target)?;
    Ok(socket.into())
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> nix::Result<Received> {
    let mut control = nix::cmsg_space!(in6_pktinfo);
    let mut parts = [IoSliceMut::new(buffer)];
    let message =
        recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty())?;
    let asked = message.cmsgs()?.find_map(|part| match part {
        // The route decides which interface the answer leaves by, except where an address means one of its own.
        ControlMessageOwned::Ipv4PacketInfo(info) => Some(Asked::Ipv4(in_pktinfo { ipi_ifindex: 0, ..info })),
        ControlMessageOwned::Ipv6PacketInfo(info) => {
            let address = Ipv6Addr::from(info.ipi6_addr.s6_addr);
            let ipi6_ifindex = if address.is_unicast_link_local() { info.ipi6_ifindex } else { 0 };
            Some(Asked::Ipv6(in6_pktinfo { ipi6_ifindex, ..info }))
        }
        _ => None,
    });
    let from = message.address.ok_or(Errno::EINVAL)?;
    Ok(Received { length: message.bytes, from, asked })
}

fn answer(door: &UdpSocket, bytes: &[u8], asker: &Asker) -> nix::Result<usize> {
    let control = asker.asked.as_ref().map(|asked| match asked {
        Asked::Ipv4(info) => ControlMessage::Ipv4PacketInfo(info),
        Asked::Ipv6(info) => ControlMessage::Ipv6PacketInfo(info),
    });
    let parts = [IoSlice::new(bytes)];
    sendmsg(door.as_raw_fd(), &parts, control.as_slice(), MsgFlags::empty(), Some(&asker.address))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A relay before an echoing server, and the address of its door.
    fn relay(door: &str) -> (Datagrams, SocketAddr, UdpSocket) {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let door = UdpSocket::bind(door).unwrap();
        door.set_nonblocking(true).unwrap();
        let address = door.local_addr().unwrap();
        let mut datagrams = Datagrams::default();
        datagrams.open(door, server.local_addr().unwrap());
        (datagrams, address, server)
    }

    fn client(address: SocketAddr) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        socket.connect(address).unwrap();
        socket
    }

    /// Polls until nothing is ready.
    fn turn(datagrams: &mut Datagrams, now: Instant) {
        loop {
            let mut interests = Vec::new();
            datagrams.interests(&mut interests);
            let mut polled: Vec<_> = interests
                .iter()
                .map(|interest| {
                    rustix::event::PollFd::from_borrowed_fd(interest.fd, rustix::event::PollFlags::IN)
                })
                .collect();
            rustix::event::poll(&mut polled, Some(&rustix::event::Timespec::default())).unwrap();
            let ready: Vec<RawFd> = interests
                .iter()
                .zip(&polled)
                .filter(|(_, polled)| !polled.revents().is_empty())
                .map(|(interest, _)| interest.fd.as_raw_fd())
                .collect();
            if ready.is_empty() {
                return;
            }
            for fd in ready {
                datagrams.ready(fd, now);
            }
        }
    }

    #[test]
    fn each_asker_gets_its_own_answer_from_the_address_that_it_asked() {
        let now = Instant::now();
        let (mut datagrams, address, server) = relay("0.0.0.0:0");
        // A connected socket takes answers from the address that it asked alone.
        let clients = ["127.0.0.1", "127.0.0.2"]
            .map(|host| client(SocketAddr::new(host.parse().unwrap(), address.port())));
        for (number, client) in clients.iter().enumerate() {
            client.send(&vec![number as u8; 30_000 * number]).unwrap();
        }
        turn(&mut datagrams, now);
        let mut buffer = vec![0; LARGEST];
        for _ in &clients {
            let (length, from) = server.recv_from(&mut buffer).unwrap();
            server.send_to(&buffer[..length], from).unwrap();
        }
        turn(&mut datagrams, now);
        for (number, client) in clients.iter().enumerate() {
            let length = client.recv(&mut buffer).unwrap();
            assert!(length == 30_000 * number && buffer[..length].iter().all(|byte| *byte == number as u8));
        }
        assert_eq!(datagrams.askers.len(), 2);
        assert_eq!(datagrams.next_deadline(), Some(now + PATIENCE));
        datagrams.expire(now + PATIENCE);
        assert!(datagrams.askers.is_empty() && datagrams.next_deadline().is_none());
    }

    #[test]
    fn a_flood_of_askers_is_bounded_and_those_who_speak_stay() {
        let mut now = Instant::now();
        let (mut datagrams, address, _server) = relay("127.0.0.1:0");
        let steady = client(address);
        let mut flood = Vec::new();
        for _ in 0..2 * MOST {
            steady.send(b"still here").unwrap();
            let other = client(address);
            other.send(b"once").unwrap();
            flood.push(other);
            now += Duration::from_millis(1);
            turn(&mut datagrams, now);
        }
        assert_eq!(datagrams.askers.len(), MOST);
        let own = SockaddrStorage::from(steady.local_addr().unwrap());
        assert!(datagrams.askers.iter().any(|asker| asker.address == own));
    }

    #[test]
    fn a_server_that_is_not_there_is_no_failure() {
        let now = Instant::now();
        let (mut datagrams, address, server) = relay("127.0.0.1:0");
        let target = server.local_addr().unwrap();
        drop(server);
        let client = client(address);
        client.send(b"nobody").unwrap();
        turn(&mut datagrams, now);
        let server = UdpSocket::bind(target).unwrap();
        server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        client.send(b"lost or not").unwrap();
        client.send(b"there").unwrap();
        turn(&mut datagrams, now);
        let mut buffer = [0; 64];
        assert!(server.recv(&mut buffer).is_ok());
    }
}
