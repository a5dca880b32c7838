//! What an ELF file needs, read from its segments as the dynamic linker would.

use object::elf::{DT_NEEDED, DT_NULL, DT_RPATH, DT_RUNPATH, DT_STRSZ, DT_STRTAB, PT_LOAD};
use object::read::elf::{Dyn as _, FileHeader, ProgramHeader as _};
use object::{Endianness, ReadCache, ReadRef};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// What a program or library says about itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Elf {
    /// Whether it is of the 64-bit class.
    pub is_64: bool,
    /// Its machine's number.
    pub machine: u16,
    /// The dynamic linker that starts it; `None` for libraries and static programs.
    pub interpreter: Option<Vec<u8>>,
    /// Names of the libraries it needs.
    pub needed: Vec<Vec<u8>>,
    /// Where it wants libraries looked for, for itself and all it loads. Ignored where there is a `runpath`.
    pub rpath: Vec<Vec<u8>>,
    /// Where it wants its own libraries looked for.
    pub runpath: Vec<Vec<u8>>,
}

/// Reads a file; `None` when it is no ELF file.
pub fn read(path: &Path) -> io::Result<Option<Elf>> {
    let mut file = File::open(path)?;
    let mut start = [0; 5];
    match file.read_exact(&mut start) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    if start[..4] != *b"\x7fELF" {
        return Ok(None);
    }
    let cache = ReadCache::new(file);
    let elf = match start[4] {
        1 => parse::<object::elf::FileHeader32<Endianness>, _>(&cache),
        2 => parse::<object::elf::FileHeader64<Endianness>, _>(&cache),
        _ => return Ok(None),
    };
    elf.map(Some).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))
}

fn parse<'data, E: FileHeader<Endian = Endianness>, R: ReadRef<'data>>(data: R) -> object::Result<Elf> {
    let header = E::parse(data)?;
    let endian = header.endian()?;
    let mut elf = Elf { is_64: header.is_class_64(), machine: header.e_machine(endian).0, ..Elf::default() };
    let segments = header.program_headers(endian, data)?;
    let mut dynamic = None;
    for segment in segments {
        if let Some(interpreter) = segment.interpreter(endian, data)? {
            elf.interpreter = Some(interpreter.to_vec());
        }
        dynamic = segment.dynamic(endian, data)?.or(dynamic);
    }
    let entries: Vec<_> = dynamic
        .unwrap_or_default()
        .iter()
        .map(|entry| (entry.tag(endian), entry.val(endian)))
        .take_while(|(tag, _)| *tag != DT_NULL)
        .collect();
    let value = |wanted| entries.iter().find(|(tag, _)| *tag == wanted).map(|(_, value)| *value);
    let (Some(address), Some(size)) = (value(DT_STRTAB), value(DT_STRSZ)) else { return Ok(elf) };
    let mut strings: &[u8] = &[];
    for segment in segments.iter().filter(|segment| segment.p_type(endian) == PT_LOAD) {
        if let Ok(Some(found)) = segment.data_range(endian, data, address, size) {
            strings = found;
        }
    }
    let text = |at: u64| {
        let rest = usize::try_from(at).ok().and_then(|at| strings.get(at..)).unwrap_or_default();
        rest.split(|b| *b == 0).next().unwrap_or_default().to_vec()
    };
    let paths = |at: u64| {
        text(at).split(|b| *b == b':').filter(|path| !path.is_empty()).map(<[u8]>::to_vec).collect()
    };
    for (tag, value) in entries {
        match tag {
            DT_NEEDED => elf.needed.push(text(value)),
            DT_RPATH => elf.rpath = paths(value),
            DT_RUNPATH => elf.runpath = paths(value),
            _ => {}
        }
    }
    if !elf.runpath.is_empty() {
        elf.rpath.clear();
    }
    Ok(elf)
}
