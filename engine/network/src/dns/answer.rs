//! A question becomes an answer. Pure.

use simple_dns::rdata::{A, AAAA, PTR, RData};
use simple_dns::{CLASS, Name, OPCODE, Packet, PacketFlag, QCLASS, QTYPE, RCODE, ResourceRecord, TYPE};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Seconds that an answer may be kept: containers come and go.
const LIFETIME: u32 = 5;
/// Bytes of a header (RFC 1035, 4.1.1).
const HEADER: usize = 12;
/// Bytes that an asker without EDNS takes by UDP (RFC 1035, 4.2.1).
const DATAGRAM: usize = 512;
/// The largest datagram that is sent to an asker that takes more.
const LARGEST_DATAGRAM: usize = 4096;

/// Where names come from. Names are in lower case and without a final dot.
pub trait Names {
    /// The addresses of the containers behind a name; `None` when no container has it.
    fn addresses(&mut self, name: &str) -> Option<Vec<IpAddr>>;
    /// The name of the container at an address.
    fn name_of(&mut self, address: IpAddr) -> Option<String>;
    /// No question has come for a while: what is kept open for the next one may be closed.
    fn rest(&mut self) {}
}

/// What is to be done about a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// This is the answer.
    Reply(Vec<u8>),
    /// The host's servers know.
    Forward,
    /// It is no question.
    Ignore,
}

/// Whether a question is the second of a pair: most programs ask for IPv4 and IPv6 addresses at once, and if both
/// counted, each name would always be answered by the same of two turns.
pub fn is_second_of_pair(query: &[u8]) -> bool {
    const AAAA: [u8; 2] = [0, 28];
    let mut at = HEADER;
    loop {
        match query.get(at) {
            Some(0) => return query.get(at + 1..at + 3) == Some(&AAAA),
            Some(length @ 1..64) => at += usize::from(*length) + 1,
            _ => return false,
        }
    }
}

/// Answers a packet. `turn` counts questions: several addresses of a name come in rotation. `stream` tells that it
/// came by TCP, where an answer has no bound.
pub fn answer(query: &[u8], names: &mut dyn Names, turn: usize, stream: bool) -> Answer {
    const RESPONSE: u8 = 0x80;
    if query.len() < HEADER || query[2] & RESPONSE != 0 {
        return Answer::Ignore;
    }
    // What the parser does not know, such as a new type of record, a server may know.
    let Ok(packet) = Packet::parse(query) else { return Answer::Forward };
    let [question] = packet.questions.as_slice() else { return Answer::Forward };
    if packet.opcode() != OPCODE::StandardQuery
        || !matches!(question.qclass, QCLASS::CLASS(CLASS::IN) | QCLASS::ANY)
    {
        return Answer::Forward;
    }
    let name = question.qname.to_string().trim_end_matches('.').to_ascii_lowercase();
    let records = if question.qtype == QTYPE::TYPE(TYPE::PTR) {
        let Some(target) = parse_reverse(&name).and_then(|address| names.name_of(address)) else {
            return Answer::Forward;
        };
        let Ok(target) = Name::new(&target).map(Name::into_owned) else { return Answer::Forward };
        vec![RData::PTR(PTR(target))]
    } else {
        let Some(mut addresses) = names.addresses(&name) else { return Answer::Forward };
        addresses.retain(|address| match question.qtype {
            QTYPE::TYPE(TYPE::A) => address.is_ipv4(),
            QTYPE::TYPE(TYPE::AAAA) => address.is_ipv6(),
            QTYPE::ANY => true,
            // The name exists, but has no such record.
            _ => false,
        });
        if !addresses.is_empty() {
            let first = turn % addresses.len();
            addresses.rotate_left(first);
        }
        addresses.into_iter().map(record).collect()
    };
    let mut reply = reply_to(&packet);
    reply.answers = records
        .into_iter()
        .map(|data| ResourceRecord::new(question.qname.clone(), CLASS::IN, LIFETIME, data))
        .collect();
    let bound = match packet.opt() {
        _ if stream => usize::from(u16::MAX),
        Some(options) => usize::from(options.udp_packet_size).clamp(DATAGRAM, LARGEST_DATAGRAM),
        None => DATAGRAM,
    };
    match reply.build_bytes_vec_compressed() {
        Ok(bytes) if bytes.len() <= bound => Answer::Reply(bytes),
        Ok(_) => {
            reply.answers.clear();
            reply.set_flags(PacketFlag::TRUNCATION);
            reply.build_bytes_vec_compressed().map_or(Answer::Ignore, Answer::Reply)
        }
        Err(_) => Answer::Forward,
    }
}

/// The answer that nobody can answer: `NXDOMAIN` where there is no server to ask, `SERVFAIL` where none answered.
pub(super) fn refusal(query: &[u8], no_server: bool) -> Option<Vec<u8>> {
    let code = if no_server { RCODE::NameError } else { RCODE::ServerFailure };
    if let Ok(packet) = Packet::parse(query) {
        let mut reply = reply_to(&packet);
        *reply.rcode_mut() = code;
        return reply.build_bytes_vec_compressed().ok();
    }
    let id = query.get(..2)?;
    let mut reply = Packet::new_reply(u16::from_be_bytes([id[0], id[1]]));
    *reply.rcode_mut() = RCODE::FormatError;
    reply.build_bytes_vec().ok()
}

fn reply_to<'a>(packet: &Packet<'a>) -> Packet<'a> {
    let mut reply = Packet::new_reply(packet.id());
    reply.set_flags(PacketFlag::RECURSION_AVAILABLE);
    if packet.has_flags(PacketFlag::RECURSION_DESIRED) {
        reply.set_flags(PacketFlag::RECURSION_DESIRED);
    }
    reply.questions.clone_from(&packet.questions);
    reply
}

fn record(address: IpAddr) -> RData<'static> {
    match address {
        IpAddr::V4(address) => RData::A(A { address: address.into() }),
        IpAddr::V6(address) => RData::AAAA(AAAA { address: address.into() }),
    }
}

/// The address that a name below `in-addr.arpa` or `ip6.arpa` stands for (RFC 1035, 3.5; RFC 3596, 2.5).
fn parse_reverse(name: &str) -> Option<IpAddr> {
    if let Some(digits) = name.strip_suffix(".in-addr.arpa") {
        let mut bytes = [0; 4];
        let mut parts = digits.split('.');
        for byte in bytes.iter_mut().rev() {
            *byte = parts.next()?.parse().ok()?;
        }
        return parts.next().is_none().then(|| IpAddr::V4(Ipv4Addr::from(bytes)));
    }
    let digits = name.strip_suffix(".ip6.arpa")?;
    let mut bits = 0u128;
    let mut parts = digits.split('.');
    for position in 0..32 {
        let digit = parts.next().filter(|part| part.len() == 1)?;
        bits |= u128::from_str_radix(digit, 16).ok()? << (4 * position);
    }
    parts.next().is_none().then(|| IpAddr::V6(Ipv6Addr::from(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::Question;

    struct Table(Vec<(&'static str, Vec<IpAddr>)>);

    impl Names for Table {
        fn addresses(&mut self, name: &str) -> Option<Vec<IpAddr>> {
            self.0.iter().find(|(known, _)| *known == name).map(|(_, addresses)| addresses.clone())
        }

        fn name_of(&mut self, address: IpAddr) -> Option<String> {
            self.0
                .iter()
                .find(|(_, addresses)| addresses.contains(&address))
                .map(|(name, _)| format!("{name}.net"))
        }
    }

    fn table() -> Table {
        let many = (1..=200).map(|last| IpAddr::from([10, 0, 0, last])).collect();
        let two =
            vec!["172.18.0.2".parse().unwrap(), "172.18.0.3".parse().unwrap(), "fd00::2".parse().unwrap()];
        Table(vec![("mysql", two), ("many", many)])
    }

    fn question(name: &str, kind: TYPE) -> Vec<u8> {
        let mut packet = Packet::new_query(77);
        packet.set_flags(PacketFlag::RECURSION_DESIRED);
        packet.questions.push(Question::new(Name::new(name).unwrap(), kind.into(), CLASS::IN.into(), false));
        packet.build_bytes_vec().unwrap()
    }

    fn reply(bytes: &[u8], turn: usize, stream: bool) -> (Vec<String>, RCODE, bool) {
        let Answer::Reply(bytes) = answer(bytes, &mut table(), turn, stream) else { panic!("no reply") };
        let packet = Packet::parse(&bytes).unwrap();
        assert_eq!(packet.id(), 77);
        assert!(packet.has_flags(
            PacketFlag::RESPONSE | PacketFlag::RECURSION_AVAILABLE | PacketFlag::RECURSION_DESIRED
        ));
        let texts = packet.answers.iter().map(|answer| match &answer.rdata {
            RData::A(a) => Ipv4Addr::from(a.address).to_string(),
            RData::AAAA(a) => Ipv6Addr::from(a.address).to_string(),
            RData::PTR(name) => name.to_string(),
            other => format!("{other:?}"),
        });
        (texts.collect(), packet.rcode(), packet.has_flags(PacketFlag::TRUNCATION))
    }

    #[test]
    fn names_have_no_case_and_rotate() {
        assert_eq!(reply(&question("mysql", TYPE::A), 0, false).0, ["172.18.0.2", "172.18.0.3"]);
        assert_eq!(reply(&question("MySQL", TYPE::A), 1, false).0, ["172.18.0.3", "172.18.0.2"]);
        assert_eq!(reply(&question("mysql", TYPE::AAAA), 1, false).0, ["fd00::2"]);
    }

    #[test]
    fn a_known_name_without_such_a_record_is_no_unknown_name() {
        let (answers, code, _) = reply(&question("mysql", TYPE::MX), 0, false);
        assert_eq!((answers.len(), code), (0, RCODE::NoError));
    }

    #[test]
    fn the_rest_is_forwarded() {
        assert_eq!(answer(&question("example.org", TYPE::A), &mut table(), 0, false), Answer::Forward);
        assert_eq!(
            answer(&question("1.0.0.127.in-addr.arpa", TYPE::PTR), &mut table(), 0, false),
            Answer::Forward
        );
    }

    #[test]
    fn addresses_have_names() {
        assert_eq!(reply(&question("3.0.18.172.in-addr.arpa", TYPE::PTR), 0, false).0, ["mysql.net"]);
        let six = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
        assert_eq!(reply(&question(six, TYPE::PTR), 0, false).0, ["mysql.net"]);
    }

    #[test]
    fn what_does_not_fit_is_truncated_and_fits_by_tcp() {
        let (answers, _, truncated) = reply(&question("many", TYPE::A), 0, false);
        assert!(answers.is_empty() && truncated);
        let (answers, _, truncated) = reply(&question("many", TYPE::A), 0, true);
        assert!(answers.len() == 200 && !truncated);
    }

    #[test]
    fn hostile_packets_are_no_matter() {
        let good = question("mysql", TYPE::A);
        assert_eq!(answer(&[], &mut table(), 0, false), Answer::Ignore);
        assert_eq!(answer(&[0xff; 12], &mut table(), 0, false), Answer::Ignore);
        for length in 0..good.len() {
            let _ = answer(&good[..length], &mut table(), 0, false);
        }
        // A name that points to itself.
        let mut looped = good[..12].to_vec();
        looped.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1]);
        assert_ne!(answer(&looped, &mut table(), 0, false), Answer::Ignore);
        assert!(refusal(&looped, true).is_some());
        assert_eq!(Packet::parse(&refusal(&good, true).unwrap()).unwrap().rcode(), RCODE::NameError);
        assert_eq!(Packet::parse(&refusal(&good, false).unwrap()).unwrap().rcode(), RCODE::ServerFailure);
    }
}
