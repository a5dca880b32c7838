//! `RUN --mount=…`.

use crate::error::{BuildError, Result};

/// What kind of thing is mounted for a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MountType {
    /// A folder or file of the context, of a stage or of an image.
    #[default]
    Bind,
    /// A folder that outlives the build.
    Cache,
    /// A folder in memory.
    Tmpfs,
    /// A secret.
    Secret,
    /// A socket of the user's SSH agent.
    Ssh,
}

/// How several steps use one cache folder at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sharing {
    /// All at once.
    #[default]
    Shared,
    /// Whoever finds it in use gets another.
    Private,
    /// One after the other.
    Locked,
}

/// A mount of a step. Variables in its texts are not expanded yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BuildMount {
    /// Its kind.
    pub kind: MountType,
    /// Where it is mounted; empty for the kind's own place.
    pub target: String,
    /// What of its origin is mounted; empty for all.
    pub source: String,
    /// A stage, image or context; empty for the context.
    pub from: String,
    /// What names a cache or secret; empty for its target.
    pub id: String,
    /// Whether the step may write to it; what it writes to a bind is lost.
    pub writable: bool,
    /// How a cache is shared.
    pub sharing: Sharing,
    /// A tmpfs's size as it was written.
    pub size: String,
    /// Mode, user and group of a secret or a new cache folder.
    pub mode: Option<u32>,
    /// Its owner.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
    /// Whether a secret that is not given is an error.
    pub required: bool,
    /// The variable that a secret is put into.
    pub env: String,
}

impl BuildMount {
    /// Reads the flag's value.
    pub fn parse(text: &str) -> Result<Self> {
        let mut mount = Self::default();
        let fields = fields(text);
        let kind = fields.iter().find_map(|field| field.strip_prefix("type=")).unwrap_or("bind");
        mount.kind = match kind.to_ascii_lowercase().as_str() {
            "bind" => MountType::Bind,
            "cache" => MountType::Cache,
            "tmpfs" => MountType::Tmpfs,
            "secret" => MountType::Secret,
            "ssh" => MountType::Ssh,
            other => {
                return Err(BuildError::new(format!("unsupported mount type {other:?}"))
                    .hint("it is one of bind, cache, tmpfs, secret, ssh"));
            }
        };
        mount.writable = mount.kind == MountType::Cache;
        for field in &fields {
            mount.set(field)?;
        }
        if mount.target.is_empty() && !matches!(mount.kind, MountType::Secret | MountType::Ssh) {
            return Err(BuildError::new("--mount needs a target").hint("add target=/path"));
        }
        if mount.kind == MountType::Secret && mount.id.is_empty() && mount.target.is_empty() {
            return Err(BuildError::new("a mount of type secret needs an id").hint("add id=NAME"));
        }
        Ok(mount)
    }

    fn set(&mut self, field: &str) -> Result<()> {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        let key = key.to_ascii_lowercase();
        let invalid = || BuildError::new(format!("invalid value of mount option {key}: {value:?}"));
        let on = || match value {
            "" | "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(invalid()),
        };
        let number = || value.parse().map_err(|_| invalid());
        match (key.as_str(), self.kind) {
            ("type", _) => {}
            ("target" | "dst" | "destination", _) => value.clone_into(&mut self.target),
            ("source" | "src", MountType::Bind | MountType::Cache) => value.clone_into(&mut self.source),
            ("from", MountType::Bind | MountType::Cache) => value.clone_into(&mut self.from),
            ("id", MountType::Cache | MountType::Secret | MountType::Ssh) => value.clone_into(&mut self.id),
            ("readwrite" | "rw", MountType::Bind | MountType::Cache) => self.writable = on()?,
            ("readonly" | "ro", MountType::Bind | MountType::Cache) => self.writable = !on()?,
            ("sharing", MountType::Cache) => {
                self.sharing = match value {
                    "shared" => Sharing::Shared,
                    "private" => Sharing::Private,
                    "locked" => Sharing::Locked,
                    _ => return Err(invalid()),
                };
            }
            ("size", MountType::Tmpfs) => value.clone_into(&mut self.size),
            ("required", MountType::Secret | MountType::Ssh) => self.required = on()?,
            ("env", MountType::Secret) => value.clone_into(&mut self.env),
            ("mode", MountType::Cache | MountType::Secret | MountType::Ssh) => {
                self.mode = Some(u32::from_str_radix(value, 8).map_err(|_| invalid())?);
            }
            ("uid", MountType::Cache | MountType::Secret | MountType::Ssh) => self.uid = number()?,
            ("gid", MountType::Cache | MountType::Secret | MountType::Ssh) => self.gid = number()?,
            _ => {
                return Err(BuildError::new(format!("unexpected key '{key}' in '{field}'")));
            }
        }
        Ok(())
    }
}

/// Fields parted by commas; one in double quotes may hold commas.
fn fields(text: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars().chain([',']) {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                let whole = std::mem::take(&mut field);
                fields.extend(Some(whole.trim().to_owned()).filter(|whole| !whole.is_empty()));
            }
            c => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_belong_to_kinds() {
        let cache = BuildMount::parse("type=cache,target=/c,sharing=locked,mode=0700").unwrap();
        assert_eq!((cache.kind, cache.sharing, cache.mode), (MountType::Cache, Sharing::Locked, Some(0o700)));
        assert!(cache.writable);
        let bind = BuildMount::parse("source=a,target=/b,rw").unwrap();
        assert_eq!((bind.kind, bind.writable, bind.source.as_str()), (MountType::Bind, true, "a"));
        for bad in [
            "type=tmpfs",
            "type=x,target=/a",
            "target=/a,sharing=locked",
            "type=secret",
            "type=cache,target=/a,mode=9",
        ] {
            assert!(BuildMount::parse(bad).is_err(), "{bad}");
        }
    }
}
