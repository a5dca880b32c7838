//! Pulls an image into a state folder: `pull ROOT IMAGE`. What the kill suite kills, and what is measured.

use std::path::Path;
use std::process::ExitCode;
use teu_api::Failure;
use teu_registry::{PullRequest, Reference, Settings, Silent, StoreSink, pull};
use teu_store::{Paths, Store};

fn run(root: &Path, image: &str) -> Result<String, Failure> {
    let store = Store::open(Paths::under(root))?;
    let typed = teu_store::Reference::parse_tagged(image)?;
    let request = PullRequest { reference: Reference::try_from(&typed)?, platform: None };
    let pulled = pull(&Settings::default(), &request, &StoreSink::new(&store), &Silent)?;
    Ok(format!("{} ({} bytes)", pulled.image.digest, pulled.downloaded))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, root, image] = &arguments[..] else {
        println!("usage: pull ROOT IMAGE");
        return ExitCode::from(2);
    };
    match run(Path::new(root), image) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}
