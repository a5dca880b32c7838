//! `RUN --mount`: what a step sees besides its root.

use super::agent::Agent;
use super::secret::SecretSource;
use super::stage::Builder;
use super::state::State;
use super::tree::Tree;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;
use teu_api::Failure;
use teu_api::container::{MountKind, MountSpec};
use teu_build::{BuildMount, MountType, Sharing};
use teu_compose::Patterns;
use teu_store::{Hasher, Lock, Staging};

/// How long until a cache that another step has is tried again.
const PATIENCE: Duration = Duration::from_millis(50);

/// What a step gets, and what must last as long as it runs.
#[derive(Default)]
pub(super) struct Prepared {
    pub mounts: Vec<MountSpec>,
    /// Secrets and the place of an agent as variables, `NAME=value`.
    pub environment: Vec<String>,
    pub targets: Vec<String>,
    /// How many ways to SSH agents there are.
    agents: usize,
    held: Vec<Held>,
}

#[expect(dead_code, reason = "held for what their end does")]
enum Held {
    Files(Staging),
    Cache(Lock),
    Agent(Agent),
}

impl Builder<'_> {
    /// What names a step's mounts: where they are, and what is in those that are only read.
    pub(super) fn key_of_mounts(&self, mounts: &[BuildMount], stage: usize) -> Result<Vec<u8>, Failure> {
        let mut hasher = Hasher::default();
        for mount in mounts {
            // All of it, as it is written down for people: each field has its name and its quotes.
            hasher.update(format!("{mount:?}").as_bytes());
            if mount.kind == MountType::Bind {
                let source = if mount.source.is_empty() { "/" } else { &mount.source };
                self.with_tree(&mount.from, stage, |tree| {
                    for (_, found) in tree.find(source, &Patterns::default())? {
                        tree.digest(&found.items, &mut hasher)?;
                    }
                    Ok(())
                })?;
            }
        }
        Ok(hasher.finish().as_str().as_bytes().to_vec())
    }

    /// Makes a step's mounts ready.
    pub(super) fn prepare_mounts(
        &self,
        mounts: &[BuildMount],
        stage: usize,
        state: &State,
    ) -> Result<Prepared, Failure> {
        let mut prepared = Prepared::default();
        prepared.held.extend(self.lock_caches(mounts, state)?.into_iter().map(Held::Cache));
        for mount in mounts {
            let target = || state.config.absolute(&mount.target);
            let mut spec = MountSpec { kind: MountKind::Bind, target: target(), ..MountSpec::default() };
            match mount.kind {
                MountType::Tmpfs => {
                    spec.kind = MountKind::Tmpfs;
                    spec.tmpfs_size = bytes(&mount.size)?;
                }
                MountType::Bind => {
                    let staging = Staging::new(self.engine.store().paths(), "mount")?;
                    let source = if mount.source.is_empty() { "/" } else { &mount.source };
                    let copied = staging.path().join("files");
                    self.with_tree(&mount.from, stage, |tree| copy_out(tree, source, &copied))?;
                    spec.source = copied.to_string_lossy().into_owned();
                    spec.read_only = !mount.writable;
                    prepared.held.push(Held::Files(staging));
                }
                MountType::Cache => {
                    let (folder, lock) = self.cache(mount, stage, &target())?;
                    spec.source = folder.to_string_lossy().into_owned();
                    spec.read_only = !mount.writable;
                    prepared.held.extend(lock.map(Held::Cache));
                }
                MountType::Secret => {
                    let name = mount.target.rsplit('/').next().unwrap_or_default();
                    let id = if mount.id.is_empty() { name } else { &mount.id };
                    let Some(secret) = self.secret(id, mount.required)? else { continue };
                    if !mount.env.is_empty() {
                        let value = String::from_utf8(secret.clone()).map_err(|_| {
                            Failure::usage(format!("secret {id} is no text: it cannot be a variable"))
                        })?;
                        prepared.environment.push(format!("{}={value}", mount.env));
                        if mount.target.is_empty() {
                            continue;
                        }
                    }
                    if mount.target.is_empty() {
                        spec.target = format!("/run/secrets/{id}");
                    }
                    let staging = Staging::new(self.engine.store().paths(), "secret")?;
                    let file = staging.path().join("secret");
                    write_secret(&file, &secret, mount).map_err(|error| {
                        Failure::internal(format!("cannot hand over secret {id}: {error}"))
                    })?;
                    spec.source = file.to_string_lossy().into_owned();
                    spec.read_only = true;
                    prepared.held.push(Held::Files(staging));
                }
                MountType::Ssh => {
                    let id = if mount.id.is_empty() { "default" } else { &mount.id };
                    let Some(place) = self.request.agents.get(id) else {
                        if mount.required {
                            return Err(Failure::usage(format!("ssh agent {id}: not found"))
                                .hint(format!("give it with --ssh {id}")));
                        }
                        continue;
                    };
                    if mount.target.is_empty() {
                        spec.target = format!("/run/buildkit/ssh_agent.{}", prepared.agents);
                    }
                    if prepared.agents == 0 {
                        prepared.environment.push(format!("SSH_AUTH_SOCK={}", spec.target));
                    }
                    prepared.agents += 1;
                    let staging = Staging::new(self.engine.store().paths(), "agent")?;
                    let (owner, mode) = ((mount.uid, mount.gid), mount.mode.unwrap_or(0o600));
                    let agent = Agent::open(staging, place.clone(), owner, mode).map_err(|error| {
                        Failure::usage(format!("ssh agent {id}: {}: {error}", place.display()))
                    })?;
                    spec.source = agent.path().to_string_lossy().into_owned();
                    prepared.held.push(Held::Agent(agent));
                }
            }
            prepared.targets.push(spec.target.clone());
            prepared.mounts.push(spec);
        }
        Ok(prepared)
    }

    fn secret(&self, id: &str, required: bool) -> Result<Option<Vec<u8>>, Failure> {
        match self.request.secrets.get(id) {
            Some(source) => SecretSource::read(source, id).map(Some),
            None if required => Err(Failure::usage(format!("secret {id}: not found"))
                .hint(format!("give it with --secret id={id},src=FILE"))),
            None => Ok(None),
        }
    }

    /// The locks of a step's caches, in one order whatever the Dockerfile's: two builds that want the same ones must not
    /// wait for each other. Private caches find their own.
    fn lock_caches(&self, mounts: &[BuildMount], state: &State) -> Result<Vec<Lock>, Failure> {
        let paths = self.engine.store().paths();
        let mut wanted: BTreeMap<String, bool> = BTreeMap::new();
        let shared =
            |mount: &&BuildMount| mount.kind == MountType::Cache && mount.sharing != Sharing::Private;
        for mount in mounts.iter().filter(shared) {
            let alone =
                wanted.entry(cache_name(mount, &state.config.absolute(&mount.target), 0)).or_default();
            *alone |= mount.sharing == Sharing::Locked;
        }
        let mut held = Vec::new();
        for (name, alone) in wanted {
            let name = format!("cache-{name}");
            loop {
                let lock = if alone { Lock::try_take(paths, &name)? } else { Lock::try_share(paths, &name)? };
                if let Some(lock) = lock {
                    held.push(lock);
                    break;
                }
                if self.request.is_given_up() {
                    return Err(super::stage::given_up());
                }
                std::thread::sleep(PATIENCE);
            }
        }
        Ok(held)
    }

    /// A cache's folder, made when it is used for the first time; with a lock where it is this step's alone.
    fn cache(
        &self,
        mount: &BuildMount,
        stage: usize,
        target: &str,
    ) -> Result<(PathBuf, Option<Lock>), Failure> {
        let id = if mount.id.is_empty() { target } else { &mount.id };
        let paths = self.engine.store().paths();
        let mut number = 0;
        let lock = loop {
            if mount.sharing != Sharing::Private {
                break None;
            }
            let name = cache_name(mount, target, number);
            if let Some(lock) = Lock::try_take(paths, &format!("cache-{name}"))? {
                break Some(lock);
            }
            number += 1;
        };
        let name = cache_name(mount, target, number);
        let folder = paths.build_caches().join(name);
        let failed = |error: std::io::Error| {
            Failure::internal(format!("cannot make the cache {id}: {}: {error}", folder.display()))
        };
        fs::create_dir_all(paths.build_caches()).map_err(failed)?;
        if folder.is_dir() {
            return Ok((folder, lock));
        }
        // Made whole and then put in its place: two builds may begin with it at once.
        let staging = Staging::new(paths, "cache")?;
        let fresh = staging.path().join("files");
        if mount.from.is_empty() {
            fs::DirBuilder::new().mode(0o755).create(&fresh).map_err(failed)?;
        } else {
            let source = if mount.source.is_empty() { "/" } else { &mount.source };
            self.with_tree(&mount.from, stage, |tree| copy_out(tree, source, &fresh))?;
        }
        fs::set_permissions(&fresh, fs::Permissions::from_mode(mount.mode.unwrap_or(0o755)))
            .map_err(failed)?;
        chown(&fresh, Some(mount.uid), Some(mount.gid)).map_err(failed)?;
        staging.publish("files", &folder)?;
        Ok((folder, lock))
    }
}

/// What names a cache; of a private one there may be several.
fn cache_name(mount: &BuildMount, target: &str, number: u32) -> String {
    let id = if mount.id.is_empty() { target } else { &mount.id };
    let mut hasher = Hasher::default();
    hasher.update(format!("{id}\0{}\0{number}", mount.from).as_bytes());
    hasher.finish().hex().to_owned()
}

/// Copies a path of a tree to a new place on the host. What the tree leaves out is left out.
fn copy_out(tree: &Tree, source: &str, target: &Path) -> Result<(), Failure> {
    let found = tree.find(source, &Patterns::default())?;
    let [(_, found)] = found.as_slice() else {
        return Err(Failure::usage(format!("{source}: a mount has one source")));
    };
    if let [only] = found.items.as_slice()
        && !found.is_folder
    {
        let mut content = tree.read(only)?;
        let written = fs::File::create(target).and_then(|mut file| {
            std::io::copy(&mut content, &mut file)?;
            file.set_permissions(fs::Permissions::from_mode(only.stat.st_mode & 0o7777))
        });
        return written.map_err(|error| Failure::internal(format!("cannot copy {source}: {error}")));
    }
    super::pack::unpack_to(tree, &found.items, target)
}

fn write_secret(path: &Path, secret: &[u8], mount: &BuildMount) -> std::io::Result<()> {
    let mode = mount.mode.unwrap_or(0o400);
    let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, secret)?;
    std::os::unix::fs::fchown(&file, Some(mount.uid), Some(mount.gid))?;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// A size such as `64m`.
fn bytes(text: &str) -> Result<u64, Failure> {
    if text.is_empty() {
        return Ok(0);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_lowercase().trim_end_matches('b') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        _ => return Err(invalid(text)),
    };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).ok_or_else(|| invalid(text))
}

fn invalid(text: &str) -> Failure {
    Failure::usage(format!("invalid size {text:?} of a mount")).hint("write a number and b, k, m or g")
}
