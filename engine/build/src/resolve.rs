//! Instructions with their variables expanded, each as the rules of its kind say.

use crate::error::Result;
use crate::expand::{self, Lookup};
use crate::instruction::{Copy, Instruction, Run};
use crate::mount::BuildMount;
use crate::parser::Heredoc;

impl Instruction {
    /// Expands what is expanded in an instruction of this kind. Lines of shells and programs are left to them.
    pub fn resolve(&self, escape: char, variables: &dyn Lookup) -> Result<Self> {
        let word = |text: &String| expand::word(text, escape, variables);
        let every = |all: &[String]| all.iter().map(word).collect::<Result<Vec<_>>>();
        let pairs = |all: &[(String, String)]| {
            all.iter().map(|(name, value)| Ok((word(name)?, word(value)?))).collect::<Result<Vec<_>>>()
        };
        Ok(match self {
            Self::Arg(arguments) => Self::Arg(
                arguments
                    .iter()
                    .map(|(name, default)| Ok((word(name)?, default.as_ref().map(word).transpose()?)))
                    .collect::<Result<_>>()?,
            ),
            Self::Copy(copy) => Self::Copy(Copy {
                sources: every(&copy.sources)?,
                documents: copy
                    .documents
                    .iter()
                    .map(|one| document(one, variables))
                    .collect::<Result<_>>()?,
                destination: word(&copy.destination)?,
                chown: word(&copy.chown)?,
                chmod: word(&copy.chmod)?,
                exclude: every(&copy.exclude)?,
                checksum: word(&copy.checksum)?,
                ..copy.clone()
            }),
            Self::Env(all) => Self::Env(pairs(all)?),
            Self::Expose(ports) => {
                let mut words = Vec::new();
                for port in ports {
                    words.extend(expand::words(port, escape, variables)?);
                }
                Self::Expose(words)
            }
            Self::Label(all) => Self::Label(pairs(all)?),
            Self::Run(run) => Self::Run(Run {
                mounts: run
                    .mounts
                    .iter()
                    .map(|mount| {
                        Ok(BuildMount {
                            target: word(&mount.target)?,
                            source: word(&mount.source)?,
                            from: word(&mount.from)?,
                            id: word(&mount.id)?,
                            ..mount.clone()
                        })
                    })
                    .collect::<Result<_>>()?,
                ..run.clone()
            }),
            Self::StopSignal(signal) => Self::StopSignal(word(signal)?),
            Self::User(user) => Self::User(word(user)?),
            Self::Volume(folders) => Self::Volume(every(folders)?),
            Self::Workdir(folder) => Self::Workdir(word(folder)?),
            Self::Cmd(_)
            | Self::Entrypoint(_)
            | Self::Healthcheck(_)
            | Self::Maintainer(_)
            | Self::Onbuild(_)
            | Self::Shell(_) => self.clone(),
        })
    }
}

/// A file in the Dockerfile: its variables are expanded as in double quotes, where a quote means nothing.
fn document(document: &Heredoc, variables: &dyn Lookup) -> Result<Heredoc> {
    let mut document = document.clone();
    document.content = document.text();
    document.chomp = false;
    if document.expand {
        document.content = expand::text(&document.content, variables)?;
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dockerfile;

    fn resolved(text: &str) -> Instruction {
        let node = &Dockerfile::parse(text.as_bytes()).unwrap().nodes[0];
        let variables = |name: &str| (name == "A").then(|| "1 2".to_owned());
        Instruction::of(node).unwrap().resolve('\\', &variables).unwrap()
    }

    #[test]
    fn each_kind_has_its_rules() {
        assert_eq!(
            resolved("ENV x=$A y='$A'"),
            Instruction::Env(vec![("x".into(), "1 2".into()), ("y".into(), "$A".into())])
        );
        assert_eq!(resolved("EXPOSE $A"), Instruction::Expose(vec!["1".into(), "2".into()]));
        assert_eq!(resolved("WORKDIR /$A"), Instruction::Workdir("/1 2".into()));
        let Instruction::Run(run) = resolved("RUN --mount=target=/$A echo $A") else { panic!() };
        assert_eq!(run.mounts[0].target, "/1 2");
        assert_eq!(run.command.arguments(&[]), ["echo $A"]);
        let Instruction::Copy(copy) = resolved("COPY <<-E <<'F' /$A/\n\tit's \"$A\" \\$A\nE\n\t$A\nF") else {
            panic!()
        };
        assert_eq!(copy.destination, "/1 2/");
        assert_eq!(copy.documents[0].content, "it's \"1 2\" $A\n");
        assert_eq!(copy.documents[1].content, "\t$A\n");
    }
}
