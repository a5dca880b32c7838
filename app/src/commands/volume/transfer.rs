//! `teu volume export` and `teu volume import`.

use super::Outcome;
use crate::arguments::{VolumeExportArguments, VolumeImportArguments};
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use teu_api::Failure;
use teu_core::Engine;

/// Writes a volume's content as a tar archive.
pub fn export(engine: &Engine, arguments: &VolumeExportArguments) -> Outcome {
    // A name that is no volume's must not leave an empty file.
    engine.store().volume(&arguments.volume)?;
    let Some(path) = &arguments.output else {
        let out = io::stdout();
        if out.is_terminal() {
            return Err(Failure::usage("refusing to write an archive to a terminal")
                .hint("use -o, or redirect standard output"));
        }
        let mut out = BufWriter::new(out.lock());
        engine.export_volume(&arguments.volume, &mut out)?;
        finish(&mut out, "standard output")?;
        return Ok(0);
    };
    let file = File::create(path).map_err(|error| {
        Failure::usage(format!("cannot create {path}: {error}")).hint("name a file that can be made")
    })?;
    let mut file = BufWriter::new(file);
    engine.export_volume(&arguments.volume, &mut file)?;
    finish(&mut file, path)?;
    Ok(0)
}

fn finish(out: &mut impl Write, name: &str) -> Result<(), Failure> {
    out.flush().map_err(|error| Failure::internal(format!("cannot write {name}: {error}")))
}

/// Fills an empty volume from a tar archive; one that does not exist is made.
pub fn import(engine: &Engine, arguments: &VolumeImportArguments) -> Outcome {
    if arguments.file == "-" {
        engine.import_volume(&arguments.volume, io::stdin())?;
        return Ok(0);
    }
    let file = File::open(&arguments.file).map_err(|error| {
        Failure::usage(format!("cannot open {}: {error}", arguments.file)).hint("name a tar archive")
    })?;
    engine.import_volume(&arguments.volume, file)?;
    Ok(0)
}
