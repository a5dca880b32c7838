//! What a bind mount's propagation needs of the mount that its source lies on.

use std::fs;
use std::path::Path;
use teu_api::Failure;

/// Refuses a propagation that would silently not work: nothing is shared with a mount that is private.
pub(crate) fn check(source: &Path, propagation: &str) -> Result<(), Failure> {
    let wanted = match propagation {
        "shared" | "rshared" => Wanted::Shared,
        "slave" | "rslave" => Wanted::SharedOrSlave,
        _ => return Ok(()),
    };
    let failed = |error: std::io::Error| {
        Failure::internal(format!("cannot find the mount that {} lies on: {error}", source.display()))
    };
    let table = fs::read_to_string("/proc/self/mountinfo").map_err(failed)?;
    let real = fs::canonicalize(source).map_err(failed)?;
    let Some((point, peers)) = holder(&table, &real) else { return Ok(()) };
    let suits = match wanted {
        Wanted::Shared => peers.shared,
        Wanted::SharedOrSlave => peers.shared || peers.slave,
    };
    if suits {
        return Ok(());
    }
    let needed = if wanted == Wanted::Shared { "shared" } else { "shared or slave" };
    Err(Failure::conflict(format!(
        "path {} is mounted on {point} but it is not a {needed} mount",
        source.display()
    ))
    .hint(format!("make it one with mount --make-rshared {point}, or leave the propagation out")))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Shared,
    SharedOrSlave,
}

/// Whom a mount shares its mounts with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Peers {
    shared: bool,
    slave: bool,
}

/// The mount point that a path lies below, the last mounted of the longest, as `/proc/PID/mountinfo` lists them
/// (proc_pid_mountinfo(5)).
fn holder<'a>(table: &'a str, path: &Path) -> Option<(&'a str, Peers)> {
    let mut found: Option<(&str, Peers)> = None;
    for line in table.lines() {
        let mut fields = line.split(' ');
        let Some(point) = fields.nth(4) else { continue };
        // An octal escape stands for a blank in a name: such a mount point is compared as it would be written.
        if !path.starts_with(point.replace("\\040", " ")) {
            continue;
        }
        let optional = fields.skip(1).take_while(|field| *field != "-");
        let mut peers = Peers::default();
        for field in optional {
            peers.shared |= field.starts_with("shared:");
            peers.slave |= field.starts_with("master:");
        }
        if found.is_none_or(|(longest, _)| point.len() >= longest.len()) {
            found = Some((point, peers));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "22 1 0:20 / / rw,relatime - ext4 /dev/vda rw\n\
         30 22 0:30 / /srv rw shared:5 - tmpfs t rw\n\
         31 30 0:31 / /srv/my\\040data rw,relatime shared:6 master:2 - tmpfs t rw\n\
         32 22 0:32 / /srvother rw master:3 - tmpfs t rw\n";

    #[test]
    fn the_nearest_mount_counts() {
        let of = |path: &str| holder(TABLE, Path::new(path)).unwrap();
        assert_eq!(of("/etc"), ("/", Peers::default()));
        assert_eq!(of("/srv/x").1, Peers { shared: true, slave: false });
        assert_eq!(of("/srv/my data/x").1, Peers { shared: true, slave: true });
        assert_eq!(of("/srvother").1, Peers { shared: false, slave: true });
    }
}
