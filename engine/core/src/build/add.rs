//! What ADD does besides COPY and fetching: archives are unpacked.

use super::tree::{Item, Tree};
use std::io::Read as _;
use teu_api::Failure;
use teu_store::layers::decompress;

/// A tar archive's block.
const BLOCK: usize = 512;

/// Whether a file is a tar archive, compressed or not.
pub(super) fn is_archive(tree: &Tree, items: &[Item]) -> Result<bool, Failure> {
    let [item] = items else { return Ok(false) };
    if item.kind() != rustix::fs::FileType::RegularFile {
        return Ok(false);
    }
    let mut block = [0; BLOCK];
    let mut stream = match decompress(tree.read(item)?) {
        Ok((_, stream)) => stream,
        // A compression that is known by its beginning, but not read here.
        Err(error) if item.to.contains(".tar") || item.to.contains(".tbz") || item.to.contains(".txz") => {
            return Err(Failure::unsupported(format!("ADD {}: {error}", item.to))
                .hint("compress it with gzip or zstd, or unpack it in a RUN step"));
        }
        Err(_) => return Ok(false),
    };
    let mut filled = 0;
    while filled < BLOCK {
        match stream.read(&mut block[filled..]) {
            Ok(0) | Err(_) => return Ok(false),
            Ok(length) => filled += length,
        }
    }
    Ok(is_header(&block))
}

/// Whether a block is a tar header: its checksum tells, which covers itself as spaces.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    let field = String::from_utf8_lossy(&block[148..156]);
    let Ok(written) = u32::from_str_radix(field.trim_matches(['\0', ' ']), 8) else { return false };
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) })
        .sum();
    sum == written
}

#[cfg(test)]
mod tests {
    use super::*;
    use teu_store::tar::{Builder, Entry, Kind};

    #[test]
    fn archives_are_known_by_their_checksum() {
        let mut builder = Builder::new(Vec::new());
        builder.append(&Entry::new(b"a", Kind::File, 0o644), &mut std::io::empty()).unwrap();
        let bytes = builder.finish().unwrap();
        let mut block = [0; BLOCK];
        block.copy_from_slice(&bytes[..BLOCK]);
        assert!(is_header(&block));
        block[0] ^= 1;
        assert!(!is_header(&block));
        assert!(!is_header(&[0; BLOCK]));
    }
}
