//! Unpacking a layer.
#![allow(clippy::expect_used, reason = "a check that cannot go on says so by failing")]

use std::cell::RefCell;
use std::fs;
use std::io::Cursor;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use teu_store::layers::{Form, Limits, pack};
use teu_store::{Paths, Store};

/// Small enough that no input fills a disk, and large enough that bounds are met from both sides.
const LIMITS: Limits = Limits { bytes: 1 << 20, entries: 200 };

struct Bench {
    _folder: tempfile::TempDir,
    outside: PathBuf,
    store: Store,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::new(Bench::new());
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("teu-fuzz-").tempdir().expect("a folder");
        let outside = folder.path().join("outside");
        fs::create_dir(&outside).expect("a folder");
        fs::write(outside.join("victim"), "untouched").expect("a file");
        let store = Store::open(Paths::under(folder.path().join("root"))).expect("a store");
        Self { _folder: folder, outside, store }
    }
}

/// Whatever the archive says, nothing outside the layer's own folder changes and nothing stays of one that is refused;
/// and a tree that was made, packed and unpacked again, is the same tree.
pub fn check(bytes: &[u8]) {
    BENCH.with_borrow(|bench| {
        let layers = bench.store.layers();
        if let Ok(layer) = layers.unpack(Cursor::new(bytes), None, None, &LIMITS) {
            assert!(layer.size <= LIMITS.bytes && layer.entries <= LIMITS.entries, "{layer:?}");
            let first = packed(&layers.path(&layer.chain_id));
            remove(&layers.path(&layer.chain_id));
            if let Some(first) = first {
                // What was within the bounds may be larger as an archive: entries of folders that were not listed.
                let wide = Limits::default();
                let again = layers.unpack(Cursor::new(&first), None, None, &wide).expect("our own archive");
                let second = packed(&layers.path(&again.chain_id));
                remove(&layers.path(&again.chain_id));
                assert_eq!(Some(first), second, "a tree is not the same after packing and unpacking");
            }
        }
        let names = |path: &Path| -> Vec<_> {
            fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect()
        };
        assert_eq!(names(&bench.outside), ["victim"], "something was made outside");
        assert_eq!(fs::read(bench.outside.join("victim")).expect("the file"), b"untouched");
        assert!(names(bench.store.paths().staging().as_path()).is_empty(), "something stays in staging");
        assert!(names(bench.store.paths().layers().as_path()).is_empty(), "a refused layer is there");
    });
}

/// The tree as a layer; `None` where a layer cannot say what the tree is.
fn packed(tree: &Path) -> Option<Vec<u8>> {
    let folder = fs::File::open(tree).expect("the layer's tree");
    let mut bytes = Vec::new();
    pack(folder.as_fd(), Form::Layer, &mut bytes).ok()?;
    Some(bytes)
}

fn remove(tree: &Path) {
    fs::remove_dir_all(tree.parent().expect("the layer's folder")).expect("it can be removed");
}
