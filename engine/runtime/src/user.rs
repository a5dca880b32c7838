//! Users and groups as an image knows them: its `/etc/passwd` and `/etc/group`, read as hostile data.

use crate::error::{Result, RuntimeError};
use crate::launch::root::open_inside;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::Path;

/// Files longer than this are not read further; real ones have kilobytes.
const LIMIT: u64 = 16 << 20;
/// Lines longer than this are passed over.
const LINE_LIMIT: usize = 64 << 10;

/// A resolved user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedUser {
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Additional groups.
    pub groups: Vec<u32>,
    /// Home directory, for `HOME`; `/` when the image does not say.
    pub home: String,
    /// The name, when the image knows one.
    pub name: Option<String>,
}

impl ResolvedUser {
    /// As the runtime specification's `process.user`.
    pub fn to_oci(&self) -> oci_spec::runtime::User {
        let mut user = oci_spec::runtime::User::default();
        user.set_uid(self.uid).set_gid(self.gid);
        user.set_additional_gids((!self.groups.is_empty()).then(|| self.groups.clone()));
        user
    }
}

/// Resolves `user[:group]`, names or numbers, by Docker's rules: an empty user is root; what is all digits is an id and
/// never a name; a number that the image does not know has group 0; named groups of the user come from the image unless a group was given; `group_add` must
/// exist when it is a name.
///
/// `root` is a directory or a (detached) mount of the container's root.
pub fn resolve(root: BorrowedFd<'_>, user: &str, group_add: &[String]) -> Result<ResolvedUser> {
    let (wanted_user, wanted_group) = match user.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (user, None),
    };
    let wanted_user = if wanted_user.is_empty() { "0" } else { wanted_user };
    let number = numeric(wanted_user, "user")?;
    let mut found: Option<ResolvedUser> = None;
    each_line(root, c"/etc/passwd", |fields| {
        let [name, _, uid, gid, rest @ ..] = fields else { return true };
        let (Some(uid), Some(gid)) = (id(uid), id(gid)) else { return true };
        // A number is an id, whatever the image calls "1000": else its user could be made root (CVE-2016-3697).
        if number.map_or(*name != wanted_user, |number| uid != number) {
            return true;
        }
        let home = rest.get(1).copied().filter(|home| home.starts_with('/')).unwrap_or("/").to_string();
        found = Some(ResolvedUser { uid, gid, groups: Vec::new(), home, name: Some((*name).to_string()) });
        false
    })?;
    let mut result = match (found, number) {
        (Some(found), _) => found,
        (None, Some(uid)) => {
            let home = if uid == 0 { "/root" } else { "/" };
            ResolvedUser { uid, gid: 0, groups: Vec::new(), home: home.to_string(), name: None }
        }
        (None, None) => {
            return Err(RuntimeError::invalid(
                format!("user {wanted_user}"),
                "no matching entry in the image's passwd file",
            ));
        }
    };
    let group_number =
        wanted_group.filter(|group| !group.is_empty()).map(|group| numeric(group, "group")).transpose()?;
    let mut group = None;
    let mut added: Vec<Option<u32>> = Vec::new();
    for extra in group_add {
        added.push(numeric(extra, "group")?);
    }
    let mut named: Vec<Option<u32>> = vec![None; group_add.len()];
    let implicit = wanted_group.is_none_or(str::is_empty);
    let mut memberships = Vec::new();
    each_line(root, c"/etc/group", |fields| {
        let [name, _, gid, rest @ ..] = fields else { return true };
        let Some(gid) = id(gid) else { return true };
        if wanted_group.is_some_and(|wanted| !wanted.is_empty() && *name == wanted) {
            group = Some(gid);
        }
        for (slot, extra) in named.iter_mut().zip(group_add) {
            if slot.is_none() && name == extra {
                *slot = Some(gid);
            }
        }
        if implicit
            && let (Some(members), Some(user)) = (rest.first(), &result.name)
            && members.split(',').any(|member| member == user)
            && memberships.len() < 1024
        {
            memberships.push(gid);
        }
        true
    })?;
    if let Some(wanted) = wanted_group.filter(|group| !group.is_empty()) {
        result.gid = group_number.flatten().or(group).ok_or_else(|| {
            RuntimeError::invalid(format!("group {wanted}"), "no matching entry in the image's group file")
        })?;
    }
    result.groups = memberships;
    for ((extra, by_name), by_number) in group_add.iter().zip(named).zip(added) {
        let gid = by_number.or(by_name).ok_or_else(|| {
            RuntimeError::invalid(format!("group {extra}"), "no matching entry in the image's group file")
        })?;
        result.groups.push(gid);
    }
    // Without its own group among them a process could be made less than its group: a rule that denies the group would
    // not meet it once it changes its group (CVE-2022-36109).
    result.groups.insert(0, result.gid);
    let mut seen = std::collections::HashSet::new();
    result.groups.retain(|gid| seen.insert(*gid));
    Ok(result)
}

/// The home folder of a user id; `/` where the image does not say.
pub(crate) fn home(root: BorrowedFd<'_>, uid: u32) -> Result<String> {
    let mut found = None;
    each_line(root, c"/etc/passwd", |fields| {
        if let [_, _, number, _, _, home, ..] = fields
            && id(number) == Some(uid)
            && home.starts_with('/')
        {
            found = Some((*home).to_string());
        }
        found.is_none()
    })?;
    Ok(found.unwrap_or_else(|| "/".to_string()))
}

/// As [`resolve`], of a directory by path.
pub fn resolve_in(root: &Path, user: &str, group_add: &[String]) -> Result<ResolvedUser> {
    use std::os::fd::AsFd;
    let fd = rustix::fs::open(root, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
        .map_err(|error| RuntimeError::kernel("open", root.display().to_string(), error))?;
    resolve(fd.as_fd(), user, group_add)
}

/// A number, unless the text is a name. Ids are 31 bits, as Docker has it; -1 would mean "leave as it is" to the
/// kernel.
fn numeric(text: &str, what: &str) -> Result<Option<u32>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    match text.parse::<u32>() {
        Ok(number) if i32::try_from(number).is_ok() => Ok(Some(number)),
        _ => Err(RuntimeError::invalid(format!("{what} {text}"), "ids are between 0 and 2147483647")),
    }
}

fn id(text: &str) -> Option<u32> {
    numeric(text, "id").ok().flatten()
}

/// Calls `take` with the fields of each line until it gives false. A missing file has no lines; a file that is not
/// regular is not opened for reading at all (a fifo would block, a device could do anything).
fn each_line(
    root: BorrowedFd<'_>,
    path: &std::ffi::CStr,
    mut take: impl FnMut(&[&str]) -> bool,
) -> Result<()> {
    let Some(file) = open_regular(root, path)? else { return Ok(()) };
    let mut reader = BufReader::new(File::from(file).take(LIMIT));
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(LINE_LIMIT as u64).read_until(b'\n', &mut line).unwrap_or(0);
        if read == 0 {
            return Ok(());
        }
        if read == LINE_LIMIT && line.last() != Some(&b'\n') {
            // The rest of an overlong line must not be taken for a line of its own.
            let mut skipped = Vec::new();
            while let Ok(n) = reader.by_ref().take(LINE_LIMIT as u64).read_until(b'\n', &mut skipped) {
                if n == 0 || skipped.last() == Some(&b'\n') {
                    break;
                }
                skipped.clear();
            }
            continue;
        }
        let Ok(text) = std::str::from_utf8(&line) else { continue };
        let text = text.trim_end_matches(['\n', '\r']);
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = text.split(':').collect();
        if fields[0].is_empty() {
            continue;
        }
        if !take(&fields) {
            return Ok(());
        }
    }
}

fn open_regular(root: BorrowedFd<'_>, path: &std::ffi::CStr) -> Result<Option<OwnedFd>> {
    let subject = || path.to_string_lossy().into_owned();
    let found = match open_inside(root, path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY) {
        Ok(found) => found,
        // A link to itself, too, is no file.
        Err(Errno::NOENT | Errno::NOTDIR | Errno::NXIO | Errno::LOOP) => return Ok(None),
        Err(error) => return Err(RuntimeError::kernel("read the image's", subject(), error)),
    };
    let stat = rustix::fs::fstat(&found)
        .map_err(|error| RuntimeError::kernel("read the image's", subject(), error))?;
    Ok((stat.st_mode & 0o170_000 == 0o100_000).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn image(passwd: &str, group: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("etc")).unwrap();
        std::fs::write(dir.path().join("etc/passwd"), passwd).unwrap();
        std::fs::write(dir.path().join("etc/group"), group).unwrap();
        dir
    }

    const PASSWD: &str =
        "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33:w:/var/www:/bin/sh\n1000:x:7:7::/odd:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nwww:x:33:\nlogs:x:44:web,root\nextra:x:55:web\n";

    #[test]
    fn names_numbers_and_groups() {
        let dir = image(PASSWD, GROUP);
        let web = resolve_in(dir.path(), "web", &[]).unwrap();
        assert_eq!((web.uid, web.gid, web.groups, web.home.as_str()), (33, 33, vec![33, 44, 55], "/var/www"));
        let with_group = resolve_in(dir.path(), "web:logs", &["extra".into(), "99".into()]).unwrap();
        assert_eq!((with_group.gid, with_group.groups), (44, vec![44, 55, 99]));
        let unknown = resolve_in(dir.path(), "4242", &[]).unwrap();
        assert_eq!((unknown.uid, unknown.gid, unknown.home.as_str()), (4242, 0, "/"));
        assert_eq!(resolve_in(dir.path(), "", &[]).unwrap().groups, [0, 44]);
        let number = resolve_in(dir.path(), "1000", &[]).unwrap();
        assert_eq!((number.uid, number.gid, number.home.as_str()), (1000, 0, "/"));
        assert_eq!(resolve_in(dir.path(), "7", &[]).unwrap().home, "/odd");
        assert_eq!(resolve_in(dir.path(), "1:2", &[]).unwrap().gid, 2);
    }

    #[test]
    fn refuses_what_is_unknown_or_out_of_range() {
        let dir = image(PASSWD, GROUP);
        for wrong in ["nobody", "web:nogroup", "4294967295", "0:99999999999"] {
            assert!(resolve_in(dir.path(), wrong, &[]).is_err(), "{wrong}");
        }
        assert!(resolve_in(dir.path(), "0", &["nogroup".into()]).is_err());
    }

    #[test]
    fn hostile_files_do_no_harm() {
        let long = format!("a:{}\nweb:x:0:0::/:\n", "x".repeat(LINE_LIMIT));
        let dir =
            image(&format!("{long}web:x:33:33:::\n:x:1:1::/:\nbad:x:-1:0::/:\nneg:x:4294967295:0::/:\n"), "");
        assert_eq!(resolve_in(dir.path(), "web", &[]).unwrap().uid, 0);
        assert!(resolve_in(dir.path(), "bad", &[]).is_err());
        assert!(resolve_in(dir.path(), "neg", &[]).is_err());
        // A link out of the root stays inside of it; a directory and a fifo are no files.
        let outside = image("evil:x:0:0::/:\n", "");
        let dir = image("", "");
        std::fs::remove_file(dir.path().join("etc/passwd")).unwrap();
        symlink(outside.path().join("etc/passwd"), dir.path().join("etc/passwd")).unwrap();
        assert!(resolve_in(dir.path(), "evil", &[]).is_err());
        std::fs::remove_file(dir.path().join("etc/passwd")).unwrap();
        nix::unistd::mkfifo(&dir.path().join("etc/passwd"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(resolve_in(dir.path(), "5", &[]).unwrap().uid, 5);
    }
}
