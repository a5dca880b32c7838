//! `teu build`.

mod request;
mod show;

use super::compose::interrupt;
use super::transfer::{Direction, Stream, Transfer};
use super::{Outcome, familiar_name, print, say, target};
use crate::arguments::BuildArguments;
use crate::arguments::values::csv;
use show::Show;
use std::path::{Path, PathBuf};
use teu_api::Failure;
use teu_core::build::BuildRequest;
use teu_core::images::ImageFiles;
use teu_core::{CopyOptions, Engine};

pub(super) use request::build_arguments as variables;
pub(super) use show::Manner;

/// How often Ctrl-C must come until the program ends where it stands.
const INSISTENCE: u32 = 3;

/// Where the result goes besides the store.
enum Output {
    Store,
    Folder(PathBuf),
    Archive(Option<String>),
}

/// Builds an image and prints what became of it.
pub fn run(engine: &Engine, arguments: &BuildArguments) -> Outcome {
    let output = output(arguments.output.as_deref())?;
    if arguments.push && arguments.tag.is_empty() {
        return Err(Failure::usage("tag is needed when pushing to registry").hint("name the image with -t"));
    }
    let (request, _context) = request::of(engine, arguments)?;
    let manner = if arguments.quiet { Manner::Quiet } else { Manner::of(&arguments.progress) };
    let id = carry_out(engine, request, manner)?;
    if let Some(file) = &arguments.iidfile {
        std::fs::write(file, &id)
            .map_err(|error| Failure::usage(format!("cannot write {}: {error}", file.display())))?;
    }
    write_out(engine, &id, &output)?;
    if arguments.push {
        let transfer =
            Transfer::new(Direction::Push, if arguments.quiet { Stream::Nowhere } else { Stream::Error });
        for name in &arguments.tag {
            engine.push(name, None, &transfer)?;
        }
    }
    if arguments.quiet {
        say(&id)?;
    }
    Ok(0)
}

/// Builds, showing how far it is; Ctrl-C gives the build up. Gives the image's id.
pub(super) fn carry_out(
    engine: &Engine,
    mut request: BuildRequest,
    manner: Manner,
) -> Result<String, Failure> {
    let show = Show::new(manner);
    let names = request.names.clone();
    let (built, _) = interrupt::heeded(INSISTENCE, |give_up| {
        request.give_up = Some(give_up);
        engine.build(&request, &|event| show.take(event))
    })?;
    let image = built?;
    let names = names.iter().map(|name| familiar_name(name)).collect::<Result<Vec<_>, _>>()?;
    show.finished(&image.id, &names);
    Ok(image.id)
}

fn output(text: Option<&str>) -> Result<Output, Failure> {
    let Some(text) = text else { return Ok(Output::Store) };
    let fields = csv::fields(text)?;
    let value = |key: &str| {
        fields.iter().find_map(|field| field.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
    };
    let Some(kind) = value("type") else {
        return Ok(if text == "-" { Output::Archive(None) } else { Output::Folder(text.into()) });
    };
    let destination =
        || value("dest").ok_or_else(|| Failure::usage(format!("--output type={kind} needs dest")));
    match kind.as_str() {
        "docker" | "image" if value("dest").is_none() => Ok(Output::Store),
        "local" => Ok(Output::Folder(destination()?.into())),
        "tar" => Ok(Output::Archive(Some(destination()?).filter(|path| path != "-"))),
        "docker" | "oci" => {
            Err(Failure::unsupported(format!("--output type={kind} to a file is not there yet"))
                .hint("build with -t NAME, then teu save -o FILE NAME"))
        }
        other => {
            Err(Failure::usage(format!("unknown output type {other:?}")).hint("it is local, tar or image"))
        }
    }
}

fn write_out(engine: &Engine, id: &str, output: &Output) -> Result<(), Failure> {
    let files = |path: &'static [u8]| ImageFiles { image: id, layer: None, path };
    match output {
        Output::Store => Ok(()),
        Output::Folder(folder) => {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::usage(format!("cannot make {}: {error}", folder.display())))?;
            let options = CopyOptions { archive: true, ..CopyOptions::default() };
            engine.extract_from_image(files(b"/."), Path::new(folder), options).map(drop)
        }
        Output::Archive(path) => target::write(path.as_deref(), "write the files", |writer| {
            engine.archive_of_image(files(b"/."), CopyOptions::default(), writer).map(drop)
        }),
    }
}

/// Prints the cache of builds.
pub fn du(engine: &Engine) -> Outcome {
    let steps = engine.store().build_steps()?;
    let mut rows = vec![["ID", "IN USE", "SIZE", "LAST ACCESSED", "STEP"].map(str::to_owned).to_vec()];
    for step in &steps {
        rows.push(vec![
            crate::output::short_id(&step.key).to_owned(),
            step.in_use.to_string(),
            crate::output::decimal_size(step.bytes),
            crate::output::ago(step.used_at, super::now()),
            crate::output::safe(&step.description).into_owned(),
        ]);
    }
    let caches = engine.store().build_caches()?;
    for cache in &caches {
        rows.push(vec![
            crate::output::short_id(&cache.name).to_owned(),
            "false".to_owned(),
            crate::output::decimal_size(cache.bytes),
            crate::output::ago(cache.changed_at, super::now()),
            "kept for RUN --mount=type=cache or ADD".to_owned(),
        ]);
    }
    print(&crate::output::table(&rows))?;
    let kept: u64 = caches.iter().map(|cache| cache.bytes).sum();
    let total = kept + steps.iter().map(|step| step.bytes).sum::<u64>();
    say(&format!("Total:\t{}", crate::output::decimal_size(total)))?;
    Ok(0)
}
