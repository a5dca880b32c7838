//! `teu build`.

mod passed_over;
mod request;
mod show;

use super::compose::interrupt;
use super::transfer::{Direction, Stream, Transfer};
use super::{Outcome, familiar_name, print, say, target, warn};
use crate::arguments::BuildArguments;
use crate::arguments::values::csv;
use passed_over::passed_over;
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
#[derive(Clone, PartialEq, Eq, Debug)]
enum Output {
    Store,
    /// Its files.
    Folder(PathBuf),
    /// Its files.
    Archive(Option<String>),
    /// The image.
    Image(Option<String>),
}

/// What becomes of the image.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Results {
    output: Output,
    push: bool,
    /// Names besides those of `--tag`.
    names: Vec<String>,
}

/// Builds an image and prints what became of it.
pub fn run(engine: &Engine, arguments: &BuildArguments) -> Outcome {
    let results = results(arguments.output.as_deref())?;
    let push = arguments.push || results.push;
    let names: Vec<String> = arguments.tag.iter().chain(&results.names).cloned().collect();
    if push && names.is_empty() {
        return Err(Failure::usage("tag is needed when pushing to registry").hint("name the image with -t"));
    }
    let (mut request, _context) = request::of(engine, arguments)?;
    request.names.clone_from(&names);
    let manner = if arguments.quiet { Manner::Quiet } else { Manner::of(&arguments.progress) };
    for what in passed_over(arguments) {
        if !arguments.quiet {
            warn(&what);
        }
    }
    let id = carry_out(engine, request, manner)?;
    let write = |file: &Path, text: &[u8]| {
        std::fs::write(file, text)
            .map_err(|error| Failure::usage(format!("cannot write {}: {error}", file.display())))
    };
    if let Some(file) = &arguments.iidfile {
        write(file, id.as_bytes())?;
    }
    if let Some(file) = &arguments.metadata_file {
        write(file, &metadata(engine, &id, &names)?)?;
    }
    write_out(engine, &id, &names, &results.output)?;
    if push {
        let transfer =
            Transfer::new(Direction::Push, if arguments.quiet { Stream::Nowhere } else { Stream::Error });
        for name in &names {
            engine.push(name, None, &transfer)?;
        }
    }
    if arguments.quiet {
        say(&id)?;
    }
    Ok(0)
}

/// What is known of an image, by the names that BuildKit has for it.
fn metadata(engine: &Engine, id: &str, names: &[String]) -> Result<Vec<u8>, Failure> {
    let names = names.iter().map(|name| familiar_name(name)).collect::<Result<Vec<_>, _>>()?;
    let mut known = serde_json::json!({
        "containerimage.config.digest": id,
        "containerimage.digest": engine.store().find_image(id)?.manifest_digest,
    });
    if !names.is_empty() {
        known["image.name"] = names.join(",").into();
    }
    let text = serde_json::to_vec_pretty(&known);
    text.map_err(|error| Failure::internal(format!("cannot describe the image: {error}")))
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

fn results(text: Option<&str>) -> Result<Results, Failure> {
    let mut results = Results { output: Output::Store, push: false, names: Vec::new() };
    let Some(text) = text else { return Ok(results) };
    let fields = csv::fields(text)?;
    let value = |key: &str| {
        fields.iter().find_map(|field| field.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned)
    };
    let Some(kind) = value("type") else {
        results.output = if text == "-" { Output::Archive(None) } else { Output::Folder(text.into()) };
        return Ok(results);
    };
    let destination =
        || value("dest").ok_or_else(|| Failure::usage(format!("--output type={kind} needs dest")));
    let file = || Ok::<_, Failure>(Some(destination()?).filter(|path| path != "-"));
    results.output = match kind.as_str() {
        "image" | "registry" => Output::Store,
        "docker" if value("dest").is_none() => Output::Store,
        "docker" | "oci" => Output::Image(file()?),
        "local" => Output::Folder(destination()?.into()),
        "tar" => Output::Archive(file()?),
        other => {
            return Err(Failure::usage(format!("unknown output type {other:?}"))
                .hint("it is local, tar, docker, oci, image or registry"));
        }
    };
    results.push = kind == "registry" || value("push").is_some_and(|push| push == "true");
    results.names.extend(value("name").iter().flat_map(|names| names.split(',')).map(str::to_owned));
    Ok(results)
}

fn write_out(engine: &Engine, id: &str, names: &[String], output: &Output) -> Result<(), Failure> {
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
        Output::Image(path) => target::write(path.as_deref(), "write the image", |writer| {
            let alone = [id.to_owned()];
            engine.save_images(if names.is_empty() { &alone } else { names }, None, writer)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_named_by_their_type() {
        let of = |text: &str| results(Some(text)).unwrap();
        assert_eq!(of("out").output, Output::Folder("out".into()));
        assert_eq!(of("-").output, Output::Archive(None));
        assert_eq!(of("type=oci,dest=a.tar").output, Output::Image(Some("a.tar".to_owned())));
        assert_eq!(of("type=docker").output, Output::Store);
        let pushed = of("type=image,\"name=a:1,b:2\",push=true");
        assert_eq!((pushed.output, pushed.push), (Output::Store, true));
        assert_eq!(pushed.names, ["a:1", "b:2"]);
        assert!(of("type=registry").push && !of("type=image,push=false").push);
        for wrong in ["type=local", "type=oci", "type=x,dest=y"] {
            assert!(results(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
