use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::Cursor;

fn read_all(bytes: &[u8]) -> std::io::Result<Vec<(Entry, Vec<u8>)>> {
    let mut archive = Archive::new(Cursor::new(bytes));
    let mut all = Vec::new();
    while let Some((entry, mut content)) = archive.next_entry()? {
        let mut whole = vec![0; usize::try_from(entry.size).unwrap().min(1 << 20)];
        let mut buffer = [0; 700];
        while let Some((at, count)) = content.read_at(&mut buffer)? {
            let at = at as usize;
            if at + count <= whole.len() {
                whole[at..at + count].copy_from_slice(&buffer[..count]);
            }
        }
        all.push((entry, whole));
    }
    Ok(all)
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::File),
        Just(Kind::Directory),
        Just(Kind::Fifo),
        "[a-z/.]{1,300}".prop_map(|target| Kind::Symlink(target.into_bytes())),
        "[a-z/.]{1,120}".prop_map(|target| Kind::HardLink(target.into_bytes())),
        (0..4096_u32, 0..1_000_000_u32).prop_map(|(major, minor)| Kind::CharacterDevice(major, minor)),
        (0..4096_u32, 0..1_000_000_u32).prop_map(|(major, minor)| Kind::BlockDevice(major, minor)),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in "[a-zé]{1,9}(/[a-zé]{1,90}){0,4}",
        kind in kind(),
        numbers in (0..0o10000_u32, any::<u32>(), any::<u32>()),
        time in (-(1_i64 << 40)..1 << 40, 0..1_000_000_000_u32),
        content in proptest::collection::vec(any::<u8>(), 0..2000),
        xattrs in proptest::collection::btree_map("user\\.[a-z]{1,20}", proptest::collection::vec(any::<u8>(), 0..50), 0..3),
    ) {
        let mut entry = Entry::new(name.as_str(), kind, numbers.0);
        (entry.uid, entry.gid) = (numbers.1, numbers.2);
        entry.modified = Time { seconds: time.0, nanoseconds: time.1 };
        entry.xattrs = xattrs.into_iter().map(|(key, value)| (key.into_bytes(), value)).collect::<BTreeMap<_, _>>();
        let content = if entry.kind == Kind::File { content } else { Vec::new() };
        entry.size = content.len() as u64;
        let mut builder = Builder::new(Vec::new());
        builder.append(&entry, &mut content.as_slice()).unwrap();
        let bytes = builder.finish().unwrap();
        prop_assert_eq!(bytes.len() % 512, 0);
        prop_assert_eq!(read_all(&bytes).unwrap(), vec![(entry, content)]);
    }

    #[test]
    fn damaged_archives_never_panic(at in 0..3000_usize, byte in any::<u8>(), cut in 0..4000_usize) {
        let mut entry = Entry::new("n".repeat(150), Kind::File, 0o644);
        entry.size = 600;
        entry.xattrs.insert(b"user.a".to_vec(), b"b".to_vec());
        let mut builder = Builder::new(Vec::new());
        builder.append(&entry, &mut [7_u8; 600].as_slice()).unwrap();
        builder.append(&Entry::new("link", Kind::Symlink(b"x".to_vec()), 0o777), &mut std::io::empty()).unwrap();
        let mut bytes = builder.finish().unwrap();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(cut.max(1));
        read_all(&bytes).ok();
    }
}

#[test]
fn records_count_their_own_length() {
    for length in [1, 5, 88, 89, 90, 91, 985, 986, 987, 988, 9985] {
        let mut out = Vec::new();
        pax::write(b"path", &vec![b'x'; length], &mut out);
        let mut records = pax::Records::new();
        pax::parse(&out, &mut records).unwrap();
        assert_eq!(records[&b"path"[..]].len(), length);
    }
    for bad in [
        "4 a=\n",
        "99 a=b\n",
        "x a=b\n",
        "-6 a=b\n",
        "6 =bb\n",
        "0 ",
        "6 a=bc\n",
        "18446744073709551616 a=b\n",
    ] {
        assert!(pax::parse(bad.as_bytes(), &mut pax::Records::new()).is_err(), "{bad}");
    }
}

#[test]
fn an_extended_header_is_bounded() {
    // A header that claims 7 GiB of records must not be read into memory.
    let mut entry = Entry::new("a", Kind::File, 0o644);
    entry.size = 7 << 30;
    let mut bytes = Vec::new();
    Builder::new(&mut bytes).append(&entry, &mut std::io::empty()).unwrap_err();
    bytes[156] = b'x';
    bytes[148..156].fill(b' ');
    let sum: u32 = bytes[..512].iter().map(|b| u32::from(*b)).sum();
    bytes[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let error = read_all(&bytes).unwrap_err().to_string();
    assert!(error.contains("larger than any may be"), "{error}");
}

/// An extended header of this type with one record of this key and so many bytes.
fn extension(flag: u8, key: &str, bytes: usize) -> Vec<u8> {
    let mut record = Vec::new();
    pax::write(key.as_bytes(), &vec![b'v'; bytes], &mut record);
    let mut header = vec![0; 512];
    header[..1].copy_from_slice(b"x");
    header[124..135].copy_from_slice(format!("{:011o}", record.len()).as_bytes());
    header[156] = flag;
    header[257..263].copy_from_slice(b"ustar\0");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    header.extend(record);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

#[test]
fn headers_without_end_do_not_fill_the_memory() {
    for (flag, bytes, count) in [(b'x', 500 << 10, 5), (b'g', 20 << 10, 4)] {
        let headers = |count: usize| -> Vec<u8> {
            (0..count).flat_map(|number| extension(flag, &format!("key{number}"), bytes)).collect()
        };
        let fewer = read_all(&headers(count - 1)).unwrap();
        assert!(fewer.is_empty(), "headers alone are no entry");
        let error = read_all(&headers(count)).unwrap_err().to_string();
        assert!(error.contains("together"), "{}: {error}", char::from(flag));
        // The same key again and again takes no more room.
        let same: Vec<u8> = (0..50).flat_map(|_| extension(flag, "key", bytes)).collect();
        assert!(read_all(&same).is_ok());
    }
}
