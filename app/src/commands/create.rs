//! `teu create`.

use super::{NOT_STARTED, Outcome, complain, pull, say};
use crate::arguments::create::{CreateArguments, ImageDefaults, PullPolicy, to_spec};
use std::fs::File;
use std::io::{self, Write as _};
use teu_api::container::ContainerSpec;
use teu_api::{ContainerId, Failure};
use teu_core::Engine;

/// Makes a container and prints its id.
pub fn run(engine: &Engine, arguments: &CreateArguments) -> Outcome {
    let image = image(engine, arguments)?;
    let environment = |name: &str| std::env::var(name).ok();
    // Docker's code for wrong flags; whatever the engine refuses counts as 1.
    let (spec, name) = match to_spec(arguments, &environment, &image) {
        Ok(made) => made,
        Err(failure) => {
            complain(&failure);
            return Ok(NOT_STARTED);
        }
    };
    let id = create(engine, arguments, name.as_deref(), spec)?;
    say(id.as_str())?;
    Ok(0)
}

/// Makes a container and writes its id where the user wants it.
pub fn create(
    engine: &Engine,
    arguments: &CreateArguments,
    name: Option<&str>,
    spec: ContainerSpec,
) -> Result<ContainerId, Failure> {
    let file = arguments.cidfile.as_deref().map(claim_id_file).transpose()?;
    let created = engine.create(name, spec);
    let Some((mut file, path)) = file else { return created };
    match created {
        Ok(id) => {
            let written = file.write_all(id.as_str().as_bytes());
            written.map_err(|error| Failure::internal(format!("cannot write the id to {path}: {error}")))?;
            Ok(id)
        }
        Err(failure) => {
            // The claim is given up with the container.
            let _ = std::fs::remove_file(path);
            Err(failure)
        }
    }
}

/// What the image says about containers made from it.
pub fn image(engine: &Engine, arguments: &CreateArguments) -> Result<ImageDefaults, Failure> {
    let name = arguments.image();
    let platform = arguments.platform.as_deref();
    let here = match arguments.pull {
        PullPolicy::Always => None,
        _ => match engine.store().find_image(name) {
            Ok(image)
                if arguments.pull == PullPolicy::Never
                    || platform.is_none_or(|wanted| engine.fits(&image, wanted)) =>
            {
                Some(image)
            }
            Ok(_) => None,
            Err(error) if error.is_not_found() && arguments.pull == PullPolicy::Missing => None,
            Err(error) => return Err(error.into()),
        },
    };
    let image = match here {
        Some(image) => image,
        None => {
            let familiar = super::familiar_name(name)?;
            if arguments.pull == PullPolicy::Missing {
                let _ = writeln!(io::stderr(), "Unable to find image '{familiar}' locally");
            }
            engine.store().image(&pull::for_container(engine, &familiar, platform, arguments.quiet)?)?
        }
    };
    let document = engine.store().image_config_json(&image.id)?;
    Ok(ImageDefaults::from_config(&image.id, &document))
}

/// The file for the id is claimed before the container is made: one that exists is another container's.
fn claim_id_file(path: &str) -> Result<(File, &str), Failure> {
    let file = File::create_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Failure::usage(format!(
            "container ID file found, make sure the other container isn't running or delete {path}"
        )),
        _ => Failure::usage(format!("cannot create the container ID file {path}: {error}"))
            .hint("name a file that can be made"),
    })?;
    Ok((file, path))
}
