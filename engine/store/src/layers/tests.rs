use super::*;
use crate::tar::{Builder, Entry, Kind, Time};
use crate::test_support::TestStore;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

type Alteration = fn(&Path);
type Input<'a> = (Entry, &'a [u8]);

/// An archive of these entries with their content.
fn archive(entries: &[(Entry, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (entry, content) in entries {
        let mut entry = entry.clone();
        entry.size = content.len() as u64;
        builder.append(&entry, &mut &content[..]).unwrap();
    }
    builder.finish().unwrap()
}

fn folder(name: &str) -> (Entry, &'static [u8]) {
    (Entry::new(name, Kind::Directory, 0o755), b"")
}

fn file<'a>(name: &str, content: &'a str) -> (Entry, &'a [u8]) {
    (Entry::new(name, Kind::File, 0o644), content.as_bytes())
}

fn symlink(name: &str, target: &str) -> (Entry, &'static [u8]) {
    (Entry::new(name, Kind::Symlink(target.into()), 0o777), b"")
}

fn hard_link(name: &str, target: &str) -> (Entry, &'static [u8]) {
    (Entry::new(name, Kind::HardLink(target.into()), 0o644), b"")
}

fn unpack(store: &TestStore, archive: &[u8]) -> crate::Result<UnpackedLayer> {
    store.layers().unpack(Cursor::new(archive), None, None, &Limits::default())
}

/// Everything below a folder of the host, to show that nothing changed.
fn listing(folder: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            all.push(format!("{} {:o} {}", path.display(), metadata.mode(), metadata.len()));
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    all.sort();
    all
}

/// What an archive holds according to GNU tar: the proof that an attack is what it claims to be.
fn listed_by_tar(archive: &[u8]) -> String {
    let mut child = std::process::Command::new("tar")
        .args(["-tvPf", "-", "--numeric-owner"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(archive).ok();
    String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned()
}

#[test]
fn a_tree_of_everything_is_made_exactly() {
    let store = TestStore::new();
    let mut attributed = file("bin/tool", "#!x");
    attributed.0.mode = 0o4755;
    (attributed.0.uid, attributed.0.gid) = (1000, 2_500_000);
    attributed.0.modified = Time { seconds: 1_700_000_000, nanoseconds: 123_456_789 };
    attributed.0.xattrs.insert(b"user.note".to_vec(), b"a\0b=\n".to_vec());
    let capability = [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    attributed.0.xattrs.insert(b"security.capability".to_vec(), capability.to_vec());
    let mut link = symlink("bin/link", "../../outside");
    link.0.uid = 7;
    link.0.modified = Time { seconds: -5, nanoseconds: 250_000_000 };
    link.0.xattrs.insert(b"trusted.mark".to_vec(), b"on a link".to_vec());
    let mut sticky = folder("tmp");
    sticky.0.mode = 0o1777;
    sticky.0.modified = Time { seconds: 99, nanoseconds: 1 };
    let long = format!("tmp/{}", "d/".repeat(80)) + &"n".repeat(200);
    let sparse = [vec![b'a'; 5000], vec![0; 3 << 20], vec![b'b'; 10]].concat();
    let original = archive(&[
        folder("bin"),
        attributed,
        hard_link("bin/other", "bin/tool"),
        link,
        sticky,
        (Entry::new("dev/null", Kind::CharacterDevice(1, 3), 0o666), b""),
        (Entry::new("dev/sda", Kind::BlockDevice(8, 300), 0o660), b""),
        (Entry::new("dev/pipe", Kind::Fifo, 0o600), b""),
        (Entry::new(long.as_str(), Kind::File, 0o600), b"deep"),
        (Entry::new("sparse", Kind::File, 0o644), &sparse),
        (Entry::new("holes", Kind::File, 0o644), &sparse[5000..3 << 20]),
    ]);
    let layer = unpack(&store, &original).unwrap();
    let tree = store.layers().path(&layer.chain_id);
    let stat = |name: &str| fs::symlink_metadata(tree.join(name)).unwrap();
    let tool = stat("bin/tool");
    assert_eq!((tool.mode(), tool.uid(), tool.gid(), tool.nlink()), (0o104_755, 1000, 2_500_000, 2));
    assert_eq!((tool.mtime(), tool.mtime_nsec()), (1_700_000_000, 123_456_789));
    assert_eq!(tool.ino(), stat("bin/other").ino());
    let xattr = |name: &str, key: &str| {
        let mut value = [0; 256];
        let length = rustix::fs::lgetxattr(tree.join(name), key, &mut value).unwrap();
        value[..length].to_vec()
    };
    assert_eq!(xattr("bin/tool", "user.note"), b"a\0b=\n");
    assert_eq!(xattr("bin/tool", "security.capability"), capability);
    assert_eq!(xattr("bin/link", "trusted.mark"), b"on a link");
    let link = stat("bin/link");
    assert_eq!((link.uid(), link.mtime(), link.mtime_nsec()), (7, -5, 250_000_000));
    assert_eq!(fs::read_link(tree.join("bin/link")).unwrap(), Path::new("../../outside"));
    let sticky = stat("tmp");
    assert_eq!(
        (sticky.mode() & 0o7777, sticky.mtime(), sticky.mtime_nsec()),
        (0o1777, 99, 1),
        "set after its files"
    );
    assert!(
        stat("dev/null").file_type().is_char_device() && stat("dev/null").rdev() == rustix::fs::makedev(1, 3)
    );
    assert!(
        stat("dev/sda").file_type().is_block_device()
            && stat("dev/sda").rdev() == rustix::fs::makedev(8, 300)
    );
    assert_eq!((stat("dev/null").mode() & 0o777, stat("dev/sda").mode() & 0o777), (0o666, 0o660));
    assert!(stat("dev/pipe").file_type().is_fifo());
    assert_eq!(fs::read(tree.join(long)).unwrap(), b"deep");
    assert_eq!(fs::read(tree.join("sparse")).unwrap(), sparse);
    assert!(stat("sparse").blocks() * 512 < 64 << 10, "zeros became a hole");
    assert_eq!((stat("holes").len(), stat("holes").blocks()), ((3 << 20) - 5000, 0));
    assert_eq!(layer.entries, 11);
    assert_eq!(crate::gc::count(&tree).unwrap(), Some((layer.files, layer.size)));
    assert_eq!(store.layers().verify(&layer.chain_id, original.as_slice()).unwrap(), layer.diff_id);

    // Packed and unpacked again it is the same tree, and packed once more the same bytes.
    let packed = packed(&tree, Form::Layer);
    let again = unpack(&store, &packed).unwrap();
    assert_eq!(packed, self::packed(&store.layers().path(&again.chain_id), Form::Layer));
    assert_eq!(store.layers().verify(&layer.chain_id, packed.as_slice()).unwrap(), again.diff_id);
    assert_eq!(packed, self::packed(&tree, Form::Whole), "nothing here is overlayfs' own");
}

fn packed(tree: &Path, form: Form) -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(fs::File::open(tree).unwrap().as_fd(), form, &mut bytes).unwrap();
    bytes
}

#[test]
fn what_was_altered_since_it_was_unpacked_is_found() {
    let store = TestStore::new();
    let mut described = file("a/described", "x");
    described.0.xattrs.insert(b"user.k".to_vec(), b"v".to_vec());
    let original = archive(&[
        file("a/content", "12345"),
        described,
        symlink("a/link", "x"),
        hard_link("a/twin", "a/content"),
        file("a/.wh.gone", ""),
    ]);
    let alterations: [(&str, Alteration); 8] = [
        ("content differs", |a| {
            let time = fs::metadata(a.join("content")).unwrap().modified().unwrap();
            fs::write(a.join("content"), "54321").unwrap();
            fs::File::open(a.join("content")).unwrap().set_modified(time).unwrap();
        }),
        ("permissions or time", |a| {
            fs::set_permissions(a.join("content"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
                .unwrap();
        }),
        ("owner differs", |a| std::os::unix::fs::chown(a.join("described"), Some(7), None).unwrap()),
        ("attributes differ", |a| rustix::fs::removexattr(a.join("described"), "user.k").unwrap()),
        ("No such file", |a| fs::remove_file(a.join("described")).unwrap()),
        ("not in the archive", |a| fs::write(a.join("added"), "").unwrap()),
        ("no longer a link", |a| {
            fs::remove_file(a.join("twin")).unwrap();
            fs::write(a.join("twin"), "12345").unwrap();
        }),
        ("No such file", |a| fs::remove_file(a.join("gone")).unwrap()),
    ];
    for (reason, alter) in alterations {
        let layer = unpack(&store, &original).unwrap();
        let path = store.layers().path(&layer.chain_id);
        store.layers().verify(&layer.chain_id, original.as_slice()).unwrap();
        alter(&path.join("a"));
        let error = store.layers().verify(&layer.chain_id, original.as_slice()).unwrap_err().to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }
}

#[test]
fn what_gnu_tar_writes_is_read() {
    let store = TestStore::new();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::create_dir_all(source.join("a/b")).unwrap();
    let name = "n".repeat(180);
    fs::write(source.join("a").join(&name), "long name").unwrap();
    fs::write(source.join("a/b/x"), "x").unwrap();
    fs::hard_link(source.join("a/b/x"), source.join("a/y")).unwrap();
    std::os::unix::fs::symlink(format!("/{}", "t".repeat(150)), source.join("link")).unwrap();
    let sparse = fs::File::create(source.join("sparse")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"one", 1 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&sparse, b"two", 9 << 20).unwrap();
    sparse.set_len(12 << 20).unwrap();
    for arguments in [
        &["--format=gnu"][..],
        &["--format=gnu", "--sparse"],
        &["--format=posix", "--sparse", "--sparse-version=0.0"],
        &["--format=posix", "--sparse", "--sparse-version=0.1"],
        &["--format=posix", "--sparse", "--sparse-version=1.0"],
        &["--format=posix", "--gzip"],
    ] {
        let output = std::process::Command::new("tar")
            .args(arguments)
            .args(["-cf", "-", "-C"])
            .arg(&source)
            .arg(".")
            .output()
            .unwrap();
        assert!(output.status.success());
        let layer = unpack(&store, &output.stdout).unwrap();
        let tree = store.layers().path(&layer.chain_id);
        assert_eq!(fs::read(tree.join("a").join(&name)).unwrap(), b"long name", "{arguments:?}");
        assert_eq!(fs::metadata(tree.join("a/y")).unwrap().nlink(), 2);
        assert_eq!(fs::read_link(tree.join("link")).unwrap(), Path::new(&format!("/{}", "t".repeat(150))));
        let read = fs::read(tree.join("sparse")).unwrap();
        assert!(read == fs::read(source.join("sparse")).unwrap(), "{arguments:?}");
        assert!(fs::metadata(tree.join("sparse")).unwrap().blocks() * 512 < 64 << 10);
    }
}

#[test]
fn every_compression_gives_the_same_layer() {
    let store = TestStore::new();
    let plain = archive(&[folder("a"), file("a/b", &"text ".repeat(100_000))]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&plain).unwrap();
    let gzip = gzip.finish().unwrap();
    // Streams of several members and frames are one stream.
    let parts: Vec<u8> = plain.chunks(100_000).flat_map(|part| zstd::encode_all(part, 1).unwrap()).collect();
    let first = unpack(&store, &plain).unwrap();
    assert_eq!(first.diff_id, Digest::of(&plain));
    assert_eq!(unpack(&store, &gzip).unwrap(), first);
    assert_eq!(unpack(&store, &parts).unwrap(), first);
    let error = unpack(&store, b"BZh91AY&SY").unwrap_err().to_string();
    assert!(error.contains("bzip2"), "{error}");
    let error = unpack(&store, &gzip[..gzip.len() / 2]).unwrap_err();
    assert!(matches!(error, StoreError::Hostile { .. }), "{error}");
    assert!(unpack(&store, &plain[..plain.len() / 2]).is_err());
    assert!(unpack(&store, b"not an archive at all, but longer than nothing").is_err());
    let mut garbled = plain.clone();
    garbled[150] ^= 1;
    assert!(unpack(&store, &garbled).unwrap_err().to_string().contains("checksum"));
}

#[test]
fn whiteouts_hide_what_lies_below() {
    let store = TestStore::new();
    let below = unpack(
        &store,
        &archive(&[
            folder("d"),
            file("d/gone", "1"),
            file("d/kept", "1"),
            folder("o"),
            file("o/old", "1"),
            folder("r"),
            file("r/old", "1"),
            file("f", "1"),
        ]),
    )
    .unwrap();
    let above = archive(&[
        folder("d"),
        file("d/.wh.gone", ""),
        folder("o"),
        file("o/.wh..wh..opq", ""),
        file("o/new", "2"),
        // A folder replaced by a new one, a folder replaced by a file, a file whose whiteout comes after it.
        file(".wh.r", ""),
        folder("r"),
        file("r/new", "2"),
        file("f", "2"),
        file(".wh.f", ""),
        file(".wh..wh.plnk", ""),
    ]);
    let above =
        store.layers().unpack(Cursor::new(above), Some(&below.chain_id), None, &Limits::default()).unwrap();
    assert_eq!(above.chain_id, chain_id(Some(&below.diff_id), &above.diff_id));
    let stat = fs::symlink_metadata(store.layers().path(&above.chain_id).join("d/gone")).unwrap();
    assert!(stat.file_type().is_char_device() && stat.rdev() == 0);

    // A layer with whiteouts, packed from its tree, is the same layer.
    let path = store.layers().path(&above.chain_id);
    let again = store
        .layers()
        .unpack(Cursor::new(packed(&path, Form::Layer)), None, None, &Limits::default())
        .unwrap();
    assert_eq!(packed(&path, Form::Layer), packed(&store.layers().path(&again.chain_id), Form::Layer));

    // The kernel's own overlay is the judge; the mount ends with its namespace.
    let merged = tempfile::tempdir().unwrap();
    let script = format!(
        "mount -t overlay overlay -o lowerdir={}:{} {} && cd {} && find . -type f -printf '%p ' | tr ' ' '\\n' | sort | xargs echo; cat f r/new",
        store.layers().path(&above.chain_id).display(),
        store.layers().path(&below.chain_id).display(),
        merged.path().display(),
        merged.path().display()
    );
    let output = std::process::Command::new("unshare").args(["-m", "sh", "-c", &script]).output().unwrap();
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(text, "./d/kept ./f ./o/new ./r/new\n22");
}

#[test]
fn attacks_are_refused_and_leave_nothing() {
    let store = TestStore::new();
    let outside = store.paths().root().parent().unwrap().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("victim"), "untouched").unwrap();
    let victim = outside.join("victim").display().to_string();
    let upwards = format!("{}{victim}", "../".repeat(30));
    let mut overlay = file("x", "");
    overlay.0.xattrs.insert(b"trusted.overlay.redirect".to_vec(), b"/etc".to_vec());
    let mut overlay_user = folder("y");
    overlay_user.0.xattrs.insert(b"user.overlay.opaque".to_vec(), b"y".to_vec());
    let outside_text = outside.display().to_string();
    // What GNU tar must list, what the refusal must say, and the attack.
    let attacks: Vec<(&str, &str, Vec<Input<'_>>)> = vec![
        ("..", "leads out of the image", vec![file("../../evil", "x")]),
        ("a/../../evil", "leads out of the image", vec![folder("a"), file("a/../../evil", "x")]),
        (&upwards, "leads out of the image", vec![file(&upwards, "x")]),
        (&victim, "is absolute", vec![file(&victim, "x")]),
        ("-> ", "passes through a symbolic link", vec![symlink("a", &outside_text), file("a/evil", "x")]),
        ("-> ../..", "passes through a symbolic link", vec![symlink("a", &upwards), folder("a/b")]),
        ("-> .", "passes through a symbolic link", vec![symlink("a", "."), file("a/b/c", "x")]),
        ("a", "stands in the layer twice", vec![symlink("a", &victim), file("a", "x")]),
        (
            "b -> a",
            "passes through a symbolic link",
            vec![symlink("a", &outside_text), symlink("b", "a"), hard_link("b/x", "c")],
        ),
        ("link to", "leads out of the image", vec![hard_link("a", &upwards)]),
        ("link to", "no such file earlier", vec![hard_link("a", &victim)]),
        (
            "link to a/victim",
            "no such file earlier",
            vec![symlink("a", &outside_text), hard_link("b", "a/victim")],
        ),
        ("link to a", "folders cannot be linked", vec![folder("a"), hard_link("b", "a")]),
        ("link to .wh.a", "whiteouts cannot be linked", vec![file(".wh.a", ""), hard_link("b", ".wh.a")]),
        ("link to a", "whiteouts cannot be linked", vec![file(".wh.a", ""), hard_link("b", "a")]),
        (
            "link to x",
            "stands in the layer twice",
            vec![symlink("a", &victim), file("x", "y"), hard_link("a", "x")],
        ),
        (".wh...", "whiteout leads out", vec![folder("a"), file("a/.wh...", "")]),
        (".wh..", "whiteout leads out", vec![file(".wh..", "")]),
        (".wh.", "whiteout leads out", vec![file(".wh.", "")]),
        ("a/.wh.b/c", "passes through a whiteout", vec![file("a/.wh.b/c", "x")]),
        (
            "a/.wh.victim",
            "passes through a symbolic link",
            vec![symlink("a", &outside_text), file("a/.wh.victim", "")],
        ),
        (
            "a/.wh..wh..opq",
            "passes through a symbolic link",
            vec![symlink("a", &outside_text), file("a/.wh..wh..opq", "")],
        ),
        ("a", "stands in the layer twice", vec![file("a", "1"), file("a", "2")]),
        ("a", "earlier folder", vec![folder("a"), file("a", "2")]),
        ("a", "no folder", vec![file("a", "1"), folder("a")]),
        ("a/b", "no folder", vec![file("a", "1"), file("a/b", "1")]),
        ("0,0", "would be a whiteout", vec![(Entry::new("a", Kind::CharacterDevice(0, 0), 0o600), b"")]),
        ("x", "belongs to the host's overlay", vec![overlay]),
        ("y", "belongs to the host's overlay", vec![overlay_user]),
        ("./", "root is not a folder", vec![symlink("./", "/etc")]),
    ];
    let before = (listing(&outside), listing(store.paths().root()));
    for (claim, reason, entries) in attacks {
        let archive = archive(&entries);
        let listed = listed_by_tar(&archive);
        assert!(listed.contains(claim), "the archive does not hold {claim}: {listed}");
        let error = unpack(&store, &archive).expect_err(&listed);
        assert!(
            matches!(error, StoreError::Hostile { .. }) && error.to_string().contains(reason),
            "{listed}: {error}"
        );
        assert_eq!((listing(&outside), listing(store.paths().root())), before, "{listed}");
    }
}

#[test]
fn bombs_are_bounded() {
    let store = TestStore::new();
    let unpack =
        |bytes: &[u8], limits: Limits| store.layers().unpack(Cursor::new(bytes), None, None, &limits);
    let limits = Limits { bytes: 1 << 20, entries: 100 };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 50 << 20];
    encoder.write_all(&archive(&[(Entry::new("zeros", Kind::File, 0o644), &zeros)])).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 100 << 10, "a bomb is small");
    assert!(unpack(&bomb, limits).unwrap_err().to_string().contains("unpacks to more than 1048576 bytes"));

    let many: Vec<_> = (0..101).map(|number| file(&format!("f{number}"), "")).collect();
    assert!(unpack(&archive(&many), limits).unwrap_err().to_string().contains("more than 100 entries"));
    assert!(unpack(&archive(&many[..100]), limits).is_ok());

    // A sparse file claims what it does not hold: GNU's header says 512 bytes are a file of 1 TiB.
    let mut header = [0_u8; 512];
    header[..4].copy_from_slice(b"huge");
    for (at, text) in [
        (100, "0000644\0"),
        (108, "0000000\0"),
        (116, "0000000\0"),
        (124, "00000000000\0"),
        (136, "00000000000\0"),
        (257, "ustar  \0"),
        (483, "20000000000000"),
        (148, "        "),
    ] {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    header[483..495].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    header[156] = b'S';
    let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
    header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let claim = [header.to_vec(), vec![0; 1024]].concat();
    assert!(listed_by_tar(&claim).contains("1099511627776"), "{}", listed_by_tar(&claim));
    assert!(unpack(&claim, limits).unwrap_err().to_string().contains("unpacks to more than"));
    assert_eq!(fs::read_dir(store.paths().staging()).unwrap().count(), 0);
}

#[test]
fn a_layer_is_unpacked_once_and_a_lie_about_it_is_told() {
    let store = TestStore::new();
    let plain = archive(&[file("a", "1")]);
    let digest = Digest::of(&plain);
    let lie = Digest::of(b"something else");
    let error = store.layers().unpack(Cursor::new(&plain), None, Some(&lie), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("has another digest"), "{error}");
    assert_eq!(fs::read_dir(store.paths().layers()).unwrap().count(), 0);
    let shared = store.layers();
    let layers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    shared.unpack(Cursor::new(&plain), None, Some(&digest), &Limits::default()).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(layers.iter().all(|layer| layer.diff_id == digest));
    // Without any archive to read, what is there is found.
    assert!(store.layers().unpack(std::io::empty(), None, Some(&digest), &Limits::default()).is_ok());
    let locks: Vec<_> =
        fs::read_dir(store.paths().locks()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(locks, ["content"], "locks leave no files but the one that many share");
}
