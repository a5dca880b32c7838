//! A small system of busybox: its init, an inittab, and a shell on the console where there is one.

use super::find_program;
use crate::engine::Engine;
use teu_api::Failure;
use teu_store::ImageRecord;
use teu_store::from_host::{FromHost, ImageFile, applets};

/// Scripts of `/etc/rc.d` run at boot and, in reverse, at shutdown.
const FILES: [(&str, u32, &str); 4] = [
    (
        "/etc/inittab",
        0o644,
        "::sysinit:/etc/init.d/rcS\n::respawn:/etc/init.d/console\n::shutdown:/etc/init.d/rcK\n",
    ),
    (
        "/etc/init.d/rcS",
        0o755,
        "#!/bin/sh\nfor script in /etc/rc.d/*; do [ -x \"$script\" ] && \"$script\" start; done\n",
    ),
    (
        "/etc/init.d/rcK",
        0o755,
        "#!/bin/sh\nfor script in $(ls -r /etc/rc.d 2>/dev/null); do\n    [ -x \"/etc/rc.d/$script\" ] && \"/etc/rc.d/$script\" stop\ndone\n",
    ),
    // Without a terminal a shell would end at once, and init start it again without end.
    ("/etc/init.d/console", 0o755, "#!/bin/sh\n[ -t 0 ] && exec /bin/sh -l\nexec tail -f /dev/null\n"),
];

pub(super) fn make(engine: &Engine, name: &str, programs: &[String]) -> Result<ImageRecord, Failure> {
    let busybox = find_program("busybox").ok_or_else(|| {
        Failure::unsupported("cannot make an image of busybox: this host has none")
            .hint("install it first: apt-get install busybox-static")
    })?;
    let names = applets(&busybox)?;
    let has = |name: &str| names.iter().any(|applet| applet == name);
    // Debian's busybox has its init under the name that it once had on initial RAM disks.
    let init = match (has("init"), has("linuxrc")) {
        (true, _) => "/sbin/init",
        (false, true) => "/linuxrc",
        (false, false) => {
            return Err(Failure::unsupported(format!("{} has no init", busybox.display()))
                .hint("install a busybox that has: apt-get install busybox-static"));
        }
    };
    let files = FILES.map(|(path, mode, content)| ImageFile {
        path: path.to_owned(),
        mode,
        content: content.as_bytes().to_vec(),
    });
    let request = FromHost {
        name: name.to_owned(),
        programs: ["busybox".to_owned()].into_iter().chain(programs.iter().cloned()).collect(),
        files: files.into(),
        links: vec![(init.to_owned(), busybox)],
        changes: vec![format!("CMD [\"{init}\"]")],
        ..FromHost::default()
    };
    Ok(engine.store().image_from_host(&request)?)
}
