//! `teu build`: what users write in Dockerfiles, what goes wrong, and what must not be left behind.
#![allow(clippy::expect_used, reason = "a test that cannot go on says so by failing")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use teu_tests::registry::Registry;
use teu_tests::{Output, Teu, objects, skip};

/// A build context.
struct Context(tempfile::TempDir);

impl Context {
    fn new(dockerfile: &str) -> Self {
        let context = Self(tempfile::tempdir().expect("a folder"));
        context.write("Dockerfile", dockerfile);
        context
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("a file");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn build(&self, teu: &Teu, more: &[&str]) -> Output {
        let path = self.path().to_str().expect("a path");
        teu.run(
            ["build", "--progress", "plain", "-t", "built", "--network", "none"]
                .iter()
                .chain(more)
                .chain([&path]),
        )
    }

    /// Builds, and says for each step whether it was taken from the cache.
    fn cached(&self, teu: &Teu, more: &[&str]) -> Vec<bool> {
        let output = self.build(teu, more);
        let told = output.stderr.clone();
        output.ok();
        told.lines()
            .filter(|line| line.starts_with('#'))
            .filter_map(|line| match line.split(' ').nth(1) {
                Some("CACHED") => Some(true),
                Some("DONE") => Some(false),
                _ => None,
            })
            .collect()
    }
}

fn sh(teu: &Teu, script: &str) -> String {
    teu.run(["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "sh", "built", "-c", script])
        .ok()
}

/// What must be gone after a build.
fn leftovers(teu: &Teu) -> Vec<String> {
    let staging = fs::read_dir(teu.root().join("staging")).into_iter().flatten();
    let staged = staging.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let containers = teu.run(["ps", "-aq"]).ok();
    staged.chain(containers.lines().map(str::to_owned)).chain(objects::mounts_of(teu.root())).collect()
}

#[test]
fn stages_files_and_programs_become_an_image() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "ARG BASE=busybox\n\
         FROM ${BASE} AS make\n\
         ARG WHO=nobody\n\
         ENV GREETING=\"hello ${WHO}\"\n\
         WORKDIR /work\n\
         COPY src/ ./src/\n\
         RUN echo \"$GREETING\" > out && cat src/sub/b >> out\n\
         FROM busybox AS unneeded\n\
         RUN false\n\
         FROM busybox\n\
         LABEL one=1 two=\"2 and more\"\n\
         COPY --from=make /work/out /srv/\n\
         COPY --chown=1000:2000 --chmod=640 src/a /srv/renamed\n\
         EXPOSE 80\n\
         VOLUME /data\n\
         USER 1000\n\
         ENTRYPOINT [\"cat\"]\n\
         CMD [\"/srv/out\"]\n",
    );
    context.write("src/a", "a\n");
    context.write("src/sub/b", "b\n");
    context.build(&teu, &["--build-arg", "WHO=you", "--label", "three=3"]).ok();
    assert_eq!(teu.run(["run", "--rm", "--network", "none", "built"]).ok(), "hello you\nb");
    assert_eq!(
        sh(&teu, "stat -c '%u:%g %a' /srv/renamed; ls /work 2>&1 || true"),
        "1000:2000 640\nls: /work: No such file or directory"
    );
    let of = |template: &str| teu.inspect("built", template);
    assert_eq!(
        of("{{.Config.Labels.one}} {{.Config.Labels.two}} {{.Config.Labels.three}}"),
        "1 2 and more 3"
    );
    assert_eq!(of("{{json .Config.ExposedPorts}}{{json .Config.Volumes}}"), "{\"80/tcp\":{}}{\"/data\":{}}");
    assert_eq!(of("{{.Config.User}}"), "1000");
    let history = teu.run(["history", "--no-trunc", "--format", "{{.CreatedBy}}", "built"]).ok();
    assert!(history.starts_with("CMD [\"/srv/out\"]\nENTRYPOINT [\"cat\"]\nUSER 1000\n"), "{history}");
    assert_eq!(leftovers(&teu), [""; 0]);
    teu.finish();
}

#[test]
fn files_keep_their_rights_from_stage_to_stage() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox AS from\n\
         RUN mkdir /x && cp /usr/bin/busybox /x/ping && chown 5:6 /x/ping && chmod 4755 /x/ping && ln -s ping /x/link\n\
         FROM busybox\n\
         COPY --from=from /x /y\n\
         COPY --from=from --chown=7 /x/ping /z\n",
    );
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "stat -c '%u:%g %a' /y/ping /z; readlink /y/link"), "5:6 4755\n7:7 4755\nping");
    // Capabilities of a file come along from another image, and never from the context.
    let program = context.path().join("able");
    fs::copy("/bin/true", &program).expect("a file");
    // struct vfs_cap_data, revision 2, effective: CAP_NET_RAW permitted.
    let attribute: Vec<u8> =
        [0x0200_0001u32, 1 << 13, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(&program, "security.capability", &attribute, flags).is_err() {
        teu_tests::skip("files_keep_their_rights_from_stage_to_stage", "no extended attributes here");
        return teu.finish();
    }
    let archive = context.path().join("able.tar");
    let packed = std::process::Command::new("tar")
        .args(["--xattrs", "--xattrs-include=*", "-C"])
        .arg(context.path())
        .arg("-cf")
        .arg(&archive)
        .arg("able")
        .status()
        .expect("tar runs");
    assert!(packed.success());
    teu.run(["import", archive.to_str().expect("a path"), "able"]).ok();
    context
        .write("Dockerfile", "FROM busybox\nCOPY --from=able /able /from-image\nCOPY able /from-context\n");
    context.build(&teu, &[]).ok();
    let out = tempfile::tempdir().expect("a folder");
    let saved = out.path().join("saved.tar");
    teu.run(["create", "--name", "kept", "built", "x"]).ok();
    teu.run(["export", "-o", saved.to_str().expect("a path"), "kept"]).ok();
    let listed = std::process::Command::new("tar")
        .args(["--xattrs", "--xattrs-include=*", "-C"])
        .arg(out.path())
        .arg("-xf")
        .arg(&saved)
        .args(["from-image", "from-context"])
        .status()
        .expect("tar runs");
    assert!(listed.success());
    let has = |name: &str| {
        rustix::fs::getxattr(out.path().join(name), "security.capability", vec![0; 64].as_mut_slice()).is_ok()
    };
    assert_eq!((has("from-image"), has("from-context")), (true, false));
    teu.finish();
}

#[test]
fn stages_inherit_arguments_and_patterns_may_name_nothing() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox AS base\n\
         ARG VERSION=1\n\
         CMD [\"of the base\"]\n\
         FROM base\n\
         COPY a lock* *.none /files/\n\
         RUN echo \"v$VERSION\" > /version\n\
         ENTRYPOINT [\"own\"]\n",
    );
    context.write("a", "a");
    context.build(&teu, &["--build-arg", "VERSION=2"]).ok();
    assert_eq!(sh(&teu, "ls /files; cat /version"), "a\nv2");
    assert_eq!(teu.inspect("built", "{{json .Config.Cmd}}"), "null");
    // What the command line names comes before a stage of that name.
    teu.run(["tag", "built", "other"]).ok();
    context.write("Dockerfile", "FROM nowhere:1 AS base\nFROM base\nRUN cat /version\n");
    context.build(&teu, &["--build-context", "base=docker-image://other"]).ok();
    teu.finish();
}

#[test]
fn links_between_files_stay_and_files_of_the_context_are_root_s() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox AS from\n\
         RUN mkdir -m 700 /x && dd if=/dev/zero of=/x/big bs=1M count=4 && ln /x/big /x/same && chown 5:6 /x\n\
         FROM busybox\n\
         COPY --from=from /x /y\n\
         RUN --mount=target=/context stat -c '%u:%g' /context/sub/file > /owner\n\
         RUN --mount=from=from,source=/x,target=/x stat -c '%u:%g %a' /x > /top\n",
    );
    context.write("sub/file", "x");
    std::os::unix::fs::chown(context.path().join("sub/file"), Some(1000), Some(1000)).expect("an owner");
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "stat -c %h /y/big; cat /owner /top"), "2\n0:0\n5:6 700");
    let size: u64 = teu.inspect("built", "{{.Size}}").parse().expect("a number");
    let base: u64 = teu.inspect("busybox", "{{.Size}}").parse().expect("a number");
    assert!(size - base < 5 << 20, "{size} {base}");
    teu.finish();
}

#[test]
fn a_container_that_only_looks_like_a_step_is_left_alone() {
    let teu = Teu::with_busybox();
    let words =
        ["run", "-d", "--network", "none", "--label", "io.teu.build=build-x", "busybox", "sleep", "1000"];
    let id = teu.run(words).ok();
    Context::new("FROM busybox\nRUN true\n").build(&teu, &[]).ok();
    assert_eq!(teu.inspect(&id, "{{.State.Status}}"), "running");
    teu.finish();
}

#[test]
fn only_what_changed_is_done_again() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nCOPY one /one\nRUN cat /one > /copy\nCOPY two /two\n");
    context.write("one", "1");
    context.write("two", "2");
    assert_eq!(context.cached(&teu, &[]), [true, false, false, false]);
    let first = teu.inspect("built", "{{.Id}}");
    assert_eq!(context.cached(&teu, &[]), [true; 4]);
    assert_eq!(teu.inspect("built", "{{.Id}}"), first, "the same steps make the same image");
    // A time is no change, a mode is.
    fs::File::open(context.path().join("two"))
        .expect("a file")
        .set_modified(std::time::SystemTime::UNIX_EPOCH)
        .expect("a time");
    assert_eq!(context.cached(&teu, &[]), [true; 4]);
    fs::set_permissions(context.path().join("two"), fs::Permissions::from_mode(0o755)).expect("a mode");
    assert_eq!(context.cached(&teu, &[]), [true, true, true, false]);
    context.write("one", "other");
    assert_eq!(context.cached(&teu, &[]), [true, false, false, false]);
    assert_eq!(sh(&teu, "cat /copy"), "other");
    assert_eq!(context.cached(&teu, &["--no-cache"]), [true, false, false, false]);
    // Another ARG that the step sees is another step.
    context.write("Dockerfile", "FROM busybox\nARG A\nRUN echo $A > /a\n");
    assert_eq!(context.cached(&teu, &["--build-arg", "A=1"]), [true, false]);
    assert_eq!(context.cached(&teu, &["--build-arg", "A=2"]), [true, false]);
    assert_eq!(context.cached(&teu, &["--build-arg", "A=1"]), [true, true]);
    assert_eq!(sh(&teu, "cat /a"), "1");
    // Without the cache nothing is left of it, and the image is whole.
    teu.run(["builder", "prune", "-af"]).ok();
    assert_eq!(sh(&teu, "cat /a"), "1");
    assert_eq!(context.cached(&teu, &["--build-arg", "A=1"]), [true, false]);
    teu.run(["rmi", "-f", "built"]).ok();
    teu.run(["system", "prune", "-af"]).ok();
    let df = teu.run(["system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Size}}"]).ok();
    assert!(df.contains("Images 0 0B") && df.contains("Build Cache 0 0B"), "{df}");
    assert_eq!(fs::read_dir(teu.root().join("layers")).expect("the layers").count(), 0);
    teu.finish();
}

#[test]
fn the_context_is_without_what_is_ignored() {
    let teu = Teu::with_busybox();
    let context =
        Context::new("FROM busybox\nCOPY . /all/\nRUN --mount=target=/context ls /context > /seen\n");
    for name in ["kept", "logs/a.log", "logs/keep.log", "deep/er/b.log", "secret/key"] {
        context.write(name, name);
    }
    context
        .write(".dockerignore", "# a comment\n**/*.log\n!logs/keep.log\nsecret\nDockerfile\n.dockerignore\n");
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "cd /all; find . -type f | sort"), "./kept\n./logs/keep.log");
    assert_eq!(sh(&teu, "cat /seen | tr '\\n' ' '"), "deep kept logs ");
    context.write("Dockerfile", "FROM busybox\n\nCOPY secret/key /\n");
    let told = context.build(&teu, &[]).fails_with(1);
    assert!(
        told.contains(
            "Dockerfile:3: secret/key: not found in the build context (it may be left out by .dockerignore)"
        ),
        "{told}"
    );
    // A file of patterns beside the Dockerfile is for it alone.
    context.write("Dockerfile.dockerignore", "kept\n");
    context.build(&teu, &[]).ok();
    teu.finish();
}

#[test]
fn no_link_leads_to_what_is_ignored() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nCOPY way /a\n");
    context.write(".dockerignore", "secret\nfolder/*\n!folder/open\n");
    context.write("secret", "hidden");
    context.write("folder/closed", "hidden");
    context.write("folder/open", "seen");
    symlink("secret", context.path().join("way")).expect("a link");
    symlink("folder", context.path().join("door")).expect("a link");
    let refused = context.build(&teu, &[]).fails_with(1);
    assert!(refused.contains("way: not found") && refused.contains(".dockerignore"), "{refused}");
    context.write("Dockerfile", "FROM busybox\nCOPY door /a\nCOPY door/open /b\n");
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "ls /a; cat /b"), "open\nseen");
    context.write("Dockerfile", "FROM busybox\nCOPY door/closed /b\n");
    assert!(context.build(&teu, &[]).fails_with(1).contains("door/closed: not found"));
    teu.finish();
}

#[test]
fn stages_that_only_triggers_or_variables_name_are_built() {
    let teu = Teu::with_busybox();
    let base = Context::new("FROM busybox\nONBUILD COPY --from=made /word /of-trigger\n");
    base.build(&teu, &[]).ok();
    teu.run(["tag", "built", "with-trigger"]).ok();
    let context = Context::new(
        "FROM busybox AS made\nRUN echo trigger > /word\nFROM busybox AS other\nRUN echo variable > /word\n\
         FROM busybox AS unneeded\nRUN false\nFROM with-trigger\nARG WHICH=other\n\
         RUN --mount=from=$WHICH,target=/far cat /far/word > /of-variable\n",
    );
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "cat /of-trigger /of-variable"), "trigger\nvariable");
    teu.finish();
}

#[test]
fn nothing_leads_out_of_the_context_or_the_image() {
    let teu = Teu::with_busybox();
    let outside = tempfile::tempdir().expect("a folder");
    let victim = outside.path().join("victim");
    fs::write(&victim, "of the host").expect("a file");
    let context = Context::new("FROM busybox\nCOPY link /x\n");
    symlink(&victim, context.path().join("link")).expect("a link");
    // The attack: whoever opens it by path reads the host's file.
    assert_eq!(fs::read_to_string(context.path().join("link")).expect("a file"), "of the host");
    assert!(context.build(&teu, &[]).fails_with(1).contains("link: not found"));
    for source in ["../../../../../../etc/passwd", "/../etc/passwd"] {
        context.write("Dockerfile", &format!("FROM busybox\nCOPY {source} /x\n"));
        assert!(context.build(&teu, &[]).fails_with(1).contains("not found in the build context"));
    }
    // An image whose folder is a link to the host's.
    context.write("file", "from the context");
    let place = outside.path().to_str().expect("a path");
    context.write(
        "Dockerfile",
        &format!(
            "FROM busybox\nRUN mkdir -p {place} && ln -s {place} /way && ln -s {place}/victim /file\n\
         COPY file /way/victim\nCOPY file /file\nCOPY file /way/new/\nWORKDIR /way/work\n\
         RUN --mount=type=tmpfs,target=/way/mounted touch /way/mounted/x\n"
        ),
    );
    context.build(&teu, &[]).ok();
    assert_eq!(fs::read_to_string(&victim).expect("a file"), "of the host");
    assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 1);
    assert_eq!(sh(&teu, &format!("cat {place}/victim; ls {place}")), "from the contextnew\nvictim\nwork");
    // A link at the destination itself is followed, too: to its place in the image.
    context.write(
        "Dockerfile",
        "FROM busybox\nRUN ln -s /elsewhere/f /f && ln -s ../usr /etc/d\nCOPY file /f\nCOPY file /etc/d\nADD file /etc/d/g\n",
    );
    context.build(&teu, &[]).ok();
    assert_eq!(
        sh(&teu, "readlink /f; cat /elsewhere/f; echo; ls /usr"),
        "/elsewhere/f\nfrom the context\nbin\nfile\ng\nlib\nlib64\nsbin"
    );
    teu.finish();
}

#[test]
fn a_step_that_fails_is_told_and_leaves_nothing() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nRUN echo before > /x\nRUN echo words; \\\n  exit 7\n");
    let told = context.build(&teu, &[]).fails_with(1);
    assert!(told.contains(" words\n"), "{told}");
    assert!(told.contains("Dockerfile:3: process \"/bin/sh -c echo words;   exit 7\" did not complete successfully: exit code: 7"), "{told}");
    assert_eq!(leftovers(&teu), [""; 0]);
    assert!(!teu.run(["images"]).ok().contains("built"));
    for (text, message) in [
        ("", "Dockerfile: file with no instructions"),
        ("RUN x", "Dockerfile:1: no build stage in current context"),
        ("FROM busybox\nCOPI a b", "Dockerfile:2: unknown instruction: COPI (did you mean COPY?)"),
        ("FROM busybox\nRUN --mount=type=secret,id=s,required=true x", "Dockerfile:2: secret s: not found"),
        (
            "FROM busybox\nADD http://127.0.0.1:1/y /",
            "Dockerfile:2: cannot fetch http://127.0.0.1:1/y: 127.0.0.1:1 cannot be reached",
        ),
        ("FROM busybox\nCOPY --from=127.0.0.1:1/none:1 / /", "127.0.0.1:1"),
        ("FROM busybox\nUSER nobody-here\nRUN true", "nobody-here"),
        ("FROM busybox\nENV A=\"${B:?must be given}\"", "Dockerfile:2: B: must be given"),
        ("FROM busybox\nCOPY Dockerfile missing /x", "the destination must be a directory and end with a /"),
    ] {
        context.write("Dockerfile", text);
        let told = context.build(&teu, &[]).fails_with(1);
        assert!(told.contains(message), "{text}: {told}");
        assert_eq!(leftovers(&teu), [""; 0], "{text}");
    }
    teu.finish();
}

#[test]
fn secrets_are_seen_and_stay_nowhere() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox\n\
         RUN --mount=type=secret,id=key cat /run/secrets/key | wc -c > /length; stat -c %a /run/secrets/key >> /length\n\
         RUN --mount=type=secret,id=key,target=/there,mode=0444,uid=5 stat -c '%a %u' /there > /mode\n\
         RUN --mount=type=secret,id=token,env=TOKEN echo ${#TOKEN} > /token; env | grep -c TOKEN >> /token\n",
    );
    let secrets = tempfile::tempdir().expect("a folder");
    let file = secrets.path().join("key");
    fs::write(&file, "xyzzy-the-secret").expect("a file");
    let id = format!("id=key,src={}", file.display());
    context.build(&teu, &["--secret", &id, "--secret", &format!("id=token,src={}", file.display())]).ok();
    assert_eq!(
        sh(&teu, "cat /length /mode /token; ls /run /there 2>&1 || true"),
        "16\n400\n444 5\n16\n1\nls: /there: No such file or directory\n/run:"
    );
    let saved = teu.command(["save", "built"]).output().expect("it runs").stdout;
    assert!(!saved.windows(16).any(|window| window == b"xyzzy-the-secret"));
    // In no file of ours either: not in the cache, not in a log.
    let found = std::process::Command::new("grep")
        .args(["-rl", "xyzzy-the-secret"])
        .arg(teu.root())
        .output()
        .expect("grep runs");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    teu.finish();
}

#[test]
fn documents_scripts_and_caches() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox\n\
         ARG WHO=us\n\
         COPY <<PLAIN <<-'RAW' /docs/\nfor $WHO\nPLAIN\n\tfor $WHO\nRAW\n\
         RUN <<EOF\nset -e\necho one > /made\nfalse || echo two >> /made\nEOF\n\
         RUN <<EOF\n#!/bin/busybox sh\necho \"$0\" > /script\nEOF\n\
         RUN cat <<A > /both; cat <<B >> /both\nfrom a\nA\nfrom b\nB\n\
         RUN --mount=type=cache,target=/cache,id=c echo x >> /cache/f; wc -l < /cache/f > /count\n",
    );
    context.build(&teu, &[]).ok();
    assert_eq!(
        sh(&teu, "cat /docs/PLAIN /docs/RAW /made /script /both /count"),
        "for us\nfor $WHO\none\ntwo\n/dev/pipes/EOF\nfrom a\nfrom b\n1"
    );
    context.build(&teu, &["--no-cache"]).ok();
    assert_eq!(sh(&teu, "cat /count; ls -d /cache 2>&1 || true"), "2\nls: /cache: No such file or directory");
    let plan = teu.run(["builder", "prune", "-a", "--dry-run"]).ok();
    assert!(plan.contains("build cache"), "{plan}");
    teu.run(["builder", "prune", "-af"]).ok();
    context.build(&teu, &["--no-cache"]).ok();
    assert_eq!(sh(&teu, "cat /count"), "1");
    teu.finish();
}

#[test]
fn archives_are_unpacked_by_add_alone() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox\nADD files.tar.gz /added/\nCOPY files.tar.gz /copied/\nADD plain /added/\n",
    );
    context.write("inner/file", "inside");
    context.write("plain", "no archive");
    let packed = std::process::Command::new("tar")
        .arg("-C")
        .arg(context.path())
        .args(["--owner=7", "--group=8", "-czf", "files.tar.gz", "inner"])
        .current_dir(context.path())
        .status()
        .expect("tar runs");
    assert!(packed.success());
    context.build(&teu, &[]).ok();
    assert_eq!(
        sh(&teu, "cat /added/inner/file; stat -c ' %u:%g' /added/inner/file; ls /copied; cat /added/plain"),
        "inside 7:8\nfiles.tar.gz\nno archive"
    );
    teu.finish();
}

#[test]
fn the_context_may_come_from_standard_input() {
    let teu = Teu::with_busybox();
    let build = ["build", "-q", "-t", "built", "--network", "none"];
    let id = teu.run_with_input(build.iter().chain(&["-"]), b"FROM busybox\nRUN echo text > /x\n").ok();
    assert_eq!(id, teu.inspect("built", "{{.Id}}"));
    assert_eq!(sh(&teu, "cat /x"), "text");
    assert!(
        teu.run_with_input(build.iter().chain(&["-"]), b"FROM busybox\nCOPY a /a\n")
            .fails_with(1)
            .contains("no context")
    );
    let context = Context::new("FROM busybox\nCOPY a /a\n");
    context.write("a", "from the archive");
    let archive = std::process::Command::new("tar")
        .arg("-C")
        .arg(context.path())
        .args(["-cz", "."])
        .output()
        .expect("tar runs")
        .stdout;
    teu.run_with_input(build.iter().chain(&["-"]), &archive).ok();
    assert_eq!(sh(&teu, "cat /a"), "from the archive");
    let folder = context.path().to_str().expect("a path");
    teu.run_with_input(build.iter().chain(&["-f", "-", folder]), b"FROM busybox\nCOPY a /b\n").ok();
    assert_eq!(sh(&teu, "cat /b"), "from the archive");
    let out = tempfile::tempdir().expect("a folder");
    let place = out.path().join("files");
    teu.run_with_input(
        build.iter().chain(&["-o", place.to_str().expect("a path"), "-f", "-", folder]),
        b"FROM scratch\nCOPY a /only\n",
    )
    .ok();
    assert_eq!(fs::read_to_string(place.join("only")).expect("a file"), "from the archive");
    assert_eq!(leftovers(&teu), [""; 0]);
    teu.finish();
}

#[test]
fn triggers_shells_and_users() {
    let teu = Teu::with_busybox();
    let context =
        Context::new("FROM busybox\nONBUILD COPY given /given\nONBUILD RUN cat /given > /triggered\n");
    context.build(&teu, &["-t", "parent"]).ok();
    context.write("given", "by the child");
    context.write("Dockerfile", "FROM parent\nSHELL [\"/bin/busybox\", \"sh\", \"-ec\"]\nUSER 1000:1000\nWORKDIR /home/own\nRUN touch mine; id -u > who; echo $0 >> who\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=3s CMD true\n");
    context.build(&teu, &["-t", "child"]).ok();
    assert_eq!(
        sh(&teu, "cat /triggered; echo; cat /home/own/who; stat -c '%u:%g' /home/own /home/own/mine"),
        "by the child\n1000\nsh\n1000:1000\n1000:1000"
    );
    assert_eq!(
        teu.inspect("built", "{{.Config.StopSignal}} {{json .Config.Healthcheck.Test}}"),
        "SIGINT [\"CMD-SHELL\",\"true\"]"
    );
    assert!(!teu.inspect("built", "{{json .Config}}").contains("OnBuild"));
    assert!(teu.run(["images", "--format", "{{.Repository}}"]).ok().contains("child"));
    teu.finish();
}

#[test]
fn mount_points_are_no_files_of_the_image() {
    let teu = Teu::with_busybox();
    // An image of one program, without a folder for anything.
    let context = Context::new(
        "FROM busybox AS from\nFROM scratch\nCOPY --from=from /usr/bin/busybox /busybox\nRUN [\"/busybox\", \"sh\", \"-c\", \"echo x > /made\"]\n",
    );
    context.build(&teu, &[]).ok();
    let out = tempfile::tempdir().expect("a folder");
    let place = out.path().join("files");
    context.build(&teu, &["-o", place.to_str().expect("a path")]).ok();
    let mut names: Vec<String> = fs::read_dir(&place)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    // The folder of hosts and resolv.conf was made for them alone.
    assert_eq!(names, ["busybox", "made"]);
    teu.finish();
}

#[test]
fn a_build_that_is_interrupted_or_killed_leaves_nothing() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nRUN echo begun; sleep 300\n");
    let path = context.path().to_str().expect("a path").to_owned();
    let running = |teu: &Teu| teu.run(["ps", "-q"]).ok().lines().count();
    let words = ["build", "--network", "none", "-t", "built", &path];
    let mut interrupted = teu.spawn(words);
    teu.wait_until("the step runs", || running(&teu) == 1);
    nix::sys::signal::kill(
        nix::unistd::Pid::from_raw(interrupted.id() as i32),
        nix::sys::signal::Signal::SIGINT,
    )
    .expect("a signal");
    assert_ne!(interrupted.wait().expect("its end").code(), Some(0));
    assert_eq!(leftovers(&teu), [""; 0]);

    let mut killed = teu.spawn(words);
    teu.wait_until("the step runs", || running(&teu) == 1);
    let first = teu.run(["ps", "-q"]).ok();
    killed.kill().expect("a signal");
    killed.wait().expect("its end");
    // Whatever command is next ends its step.
    teu.wait_until("the step is ended", || running(&teu) == 0);
    assert_eq!(leftovers(&teu), [""; 0]);
    // The next build clears up, and is not in the way of one that runs.
    let mut other = teu.spawn(words);
    teu.wait_until("the first is gone and the second runs", || {
        let ids = teu.run(["ps", "-q"]).ok();
        !ids.is_empty() && ids != first
    });
    context.write("Dockerfile", "FROM busybox\nRUN true\n");
    context.build(&teu, &[]).ok();
    assert_eq!(running(&teu), 1);
    other.kill().expect("a signal");
    other.wait().expect("its end");
    context.build(&teu, &[]).ok();
    assert_eq!(leftovers(&teu), [""; 0]);
    teu.finish();
}

#[test]
fn what_was_built_is_pushed_and_the_newest_is_built_on() {
    let test = "what_was_built_is_pushed_and_the_newest_is_built_on";
    let Some(registry) = Registry::start(test, false) else { return };
    let teu = Teu::with_busybox();
    let name = registry.name("team/base:1");
    let base = Context::new("FROM busybox\nCOPY word /word\n");
    let push = |word: &str| {
        base.write("word", word);
        teu.run(["build", "--push", "-t", &name, base.path().to_str().expect("a path")])
    };
    let pushed = push("old");
    assert!(pushed.stderr.contains(": Pushed"), "{pushed:?}");
    pushed.ok();
    teu.run(["rmi", &name]).ok();

    // Nobody has it here, so it is pulled.
    let context = Context::new(&format!("FROM {name}\nRUN cat /word > /seen\n"));
    context.build(&teu, &[]).ok();
    assert_eq!(sh(&teu, "cat /seen"), "old");

    // The registry has a newer one of that name, and this machine the older.
    let old = teu.inspect(&name, "{{.Id}}");
    push("new").ok();
    teu.run(["tag", &old, &name]).ok();
    assert_eq!(context.cached(&teu, &[]), [true, true]);
    assert_eq!(sh(&teu, "cat /seen"), "old");
    context.build(&teu, &["--pull"]).ok();
    assert_eq!(sh(&teu, "cat /seen"), "new");

    let missing = Context::new(&format!("FROM {}\n", registry.name("team/none:1")));
    let told = missing.build(&teu, &[]);
    assert_eq!(told.code, 1);
    let last = told.stderr.lines().last().expect("a line");
    assert!(last.contains("team/none:1") && last.contains("not found"), "{told:?}");
    teu.finish();
}

#[test]
fn one_stage_is_done_again_and_results_come_where_they_are_wanted() {
    let teu = Teu::with_busybox();
    let context = Context::new(
        "FROM busybox AS first\nRUN echo 1 > /one\nFROM busybox AS second\nRUN echo 2 > /two\n\
         FROM scratch\nCOPY --from=first /one /\nCOPY --from=second /two /\n",
    );
    let id = context.path().join("id");
    context.build(&teu, &["--iidfile", id.to_str().expect("a path")]).ok();
    assert_eq!(fs::read_to_string(&id).expect("the file"), teu.inspect("built", "{{.Id}}"));
    // What a stage made again is the same, so that what takes it from there is not.
    let told = context.build(&teu, &["--no-cache-filter", "second"]);
    let again: Vec<&str> = told.stderr.lines().filter(|line| line.contains("] ")).collect();
    let done = |step: &str| {
        let number = again.iter().find(|line| line.contains(step)).expect("the step").split(' ').next();
        told.stderr.contains(&format!("{} DONE", number.expect("a number")))
    };
    assert_eq!(["echo 1", "echo 2"].map(done), [false, true], "{}", told.stderr);
    assert_eq!(told.code, 0);

    let path = context.path().to_str().expect("a path");
    let archive = teu.command(["build", "-q", "-o", "type=tar,dest=-", path]).output().expect("it runs");
    assert!(archive.status.success());
    let file = context.path().join("out.tar");
    fs::write(&file, archive.stdout).expect("a file");
    let listed = std::process::Command::new("tar").arg("-tf").arg(&file).output().expect("tar runs");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> =
        listed.lines().map(|line| line.trim_start_matches("./")).filter(|name| !name.is_empty()).collect();
    assert_eq!(names, ["one", "two"]);
    teu.finish();
}

/// A running `ssh-agent`, which ends with this.
struct SshAgent(std::process::Child);

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn keys_of_an_agent_are_used_and_stay_where_they_are() {
    let test = "keys_of_an_agent_are_used_and_stay_where_they_are";
    let teu = Teu::with_busybox();
    let folder = tempfile::tempdir().expect("a folder");
    let (key, socket) = (folder.path().join("key"), folder.path().join("agent"));
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "a-key", "-f"])
        .arg(&key)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        skip(test, "openssh-client is not installed");
        return;
    }
    let agent = std::process::Command::new("ssh-agent")
        .arg("-D")
        .arg("-a")
        .arg(&socket)
        .stdout(std::process::Stdio::null())
        .spawn();
    let _agent = SshAgent(agent.expect("ssh-agent starts"));
    teu.wait_until("the agent has the key", || {
        let mut add = std::process::Command::new("ssh-add");
        let add = add.arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket);
        add.stderr(std::process::Stdio::null()).status().is_ok_and(|status| status.success())
    });
    teu.run(["image", "from-host", "-t", "tools", "ssh-add", "busybox", "sh", "cat", "stat", "env"]).ok();
    let context = Context::new(
        "FROM tools\nRUN --mount=type=ssh ssh-add -L > /root-has\n\
         RUN --mount=type=ssh,id=other,target=/sock,uid=7,mode=0640 stat -c '%u %a' /sock > /seen\n\
         RUN env | grep -c SSH > /none || true\nRUN --mount=type=ssh,id=missing env > /without\n",
    );
    let place = socket.to_str().expect("a path");
    let other = format!("other={place}");
    context.build(&teu, &["--ssh", &format!("default={place}"), "--ssh", &other]).ok();
    let public = fs::read_to_string(key.with_extension("pub")).expect("the key");
    assert_eq!(sh(&teu, "cat /root-has"), public.trim());
    assert_eq!(sh(&teu, "cat /seen /none; ls /run /sock 2>&1 | grep -c agent || true"), "7 640\n0\n0");
    assert_eq!(leftovers(&teu), [""; 0]);

    let private = key.to_str().expect("a path");
    for (given, told) in [
        (format!("default={private}"), "is no socket of an agent"),
        ("default=/nowhere".to_owned(), "No such file"),
        ("=x".to_owned(), "has no id"),
    ] {
        let refused = context.build(&teu, &["--ssh", &given]).fails_with(1);
        assert!(refused.contains(told), "{refused}");
    }
    context.write("Dockerfile", "FROM tools\nRUN --mount=type=ssh,required=true ssh-add -L\n");
    let refused = context.build(&teu, &[]).fails_with(1);
    assert!(refused.contains("ssh agent default: not found"), "{refused}");
    teu.finish();
}

#[test]
fn a_dockerfile_alone_does_not_get_the_host_s_network() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nRUN --network=host readlink /proc/self/ns/net > /net\n");
    let refused = context.build(&teu, &[]).fails_with(1);
    assert!(
        refused.contains("RUN --network=host is not allowed (allow it with --allow network.host)"),
        "{refused}"
    );
    context.build(&teu, &["--allow", "network.host"]).ok();
    let own = fs::read_link("/proc/self/ns/net").expect("a link");
    assert_eq!(sh(&teu, "cat /net"), own.to_string_lossy());
    assert!(
        context.build(&teu, &["--allow", "security.insecure"]).fails_with(1).contains("security.insecure")
    );
    teu.finish();
}

#[test]
fn scripts_for_docker_get_what_they_ask_for_or_are_told() {
    let teu = Teu::with_busybox();
    let context = Context::new("FROM busybox\nRUN cat /sys/fs/cgroup/cpu/cpu.shares > /shares || true\n");
    let (oci, known) = (context.path().join("image.tar"), context.path().join("known.json"));
    let output = format!("type=oci,dest={},name=saved:1", oci.display());
    let built = context.build(
        &teu,
        &[
            "--cache-from=x",
            "--cache-to=type=inline",
            "--provenance=false",
            "--sbom",
            "--compress",
            "--cpu-shares=512",
            "--memory-swap=-1",
            "-o",
            &output,
            "--metadata-file",
            known.to_str().expect("a path"),
        ],
    );
    for told in ["--cache-from is passed over", "--cache-to is", "no attestations", "--compress is not"] {
        assert!(built.stderr.contains(told), "{told}: {}", built.stderr);
    }
    built.ok();
    let id = teu.inspect("built", "{{.Id}}");
    let known: serde_json::Value = serde_json::from_slice(&fs::read(known).expect("the file")).expect("JSON");
    assert_eq!(known["containerimage.config.digest"], id.as_str());
    assert_eq!(known["image.name"], "built:latest,saved:1");
    teu.run(["rmi", "-f", &id]).ok();
    teu.run(["load", "-i", oci.to_str().expect("a path")]).ok();
    assert_eq!(teu.inspect("saved:1", "{{.Id}}"), id);
    let two = context.build(&teu, &["--platform", "linux/amd64,linux/arm64"]);
    assert!(two.stderr.contains("an image is built for one platform"), "{two:?}");
    teu.finish();
}
