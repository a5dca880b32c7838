//! The archive reader.

use teu_store::tar::Archive;

/// More entries than any input of a fuzzer's size can hold.
const ENDLESS: usize = 1 << 20;

/// Reading ends; parts of files come in order, lie inside the file and are no longer than the input.
pub fn check(bytes: &[u8]) {
    let mut archive = Archive::new(bytes);
    let mut buffer = [0; 4096];
    let mut taken = 0;
    for _ in 0..ENDLESS {
        let Ok(Some((entry, mut content))) = archive.next_entry() else { return };
        assert!(entry.name.len() <= 4096, "a name of {} bytes", entry.name.len());
        let mut end = 0;
        while let Ok(Some((offset, count))) = content.read_at(&mut buffer) {
            assert!(offset >= end && count > 0, "a part at {offset} after {end}");
            end = offset + count as u64;
            assert!(end <= entry.size, "a part ends at {end} of {}", entry.size);
            taken += count;
        }
        assert!(taken <= bytes.len(), "{taken} bytes of content in {} bytes", bytes.len());
    }
    panic!("the archive does not end");
}
