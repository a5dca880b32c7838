//! Stacks: what their files say, what is done to them, and their files themselves.

use super::cancel::Cancel;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use teu_api::stack::{Need, StackDeed, StackDetails, StackRequest, StackService, StackSource, TextFinding};
use teu_api::{Event, Failure, FailureKind};
use teu_core::Engine;
use teu_core::stacks::plan::{self, Change, Drift, Life, Recreate, ServiceDrift, UpOptions};
use teu_core::stacks::{LoadOptions, Problem, Project, Service, Settings, Severity};

/// Largest file that is edited: no stack's file comes near, and every key is answered at once.
const LARGEST: u64 = 1 << 20;

fn options(source: &StackSource) -> LoadOptions {
    LoadOptions {
        files: source.files.iter().map(PathBuf::from).collect(),
        project_directory: Some(PathBuf::from(&source.directory)).filter(|path| path.is_absolute()),
        project_name: Some(source.name.clone()),
        environment: teu_core::stacks::environment(),
        current_directory: PathBuf::from(&source.directory),
        ..LoadOptions::default()
    }
}

pub(super) fn load(source: &StackSource) -> Result<Project, Failure> {
    if source.files.is_empty() {
        return Err(Failure::not_found(format!("the files of {} are not known", source.name))
            .hint("its containers do not say where they come from"));
    }
    Ok(teu_core::stacks::load(&options(source))?)
}

/// The stack of a Compose file in the working folder, if there is one that can be read.
pub fn here() -> Option<StackSource> {
    let folder = std::env::current_dir().ok()?;
    let names = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
    names.iter().find(|name| folder.join(name).is_file())?;
    let options = LoadOptions {
        current_directory: folder,
        environment: teu_core::stacks::environment(),
        ..LoadOptions::default()
    };
    let project = teu_core::stacks::load(&options).ok()?;
    let text = |path: &PathBuf| path.display().to_string();
    Some(StackSource {
        name: project.name.clone(),
        files: project.files.iter().map(text).collect(),
        directory: project.directory.display().to_string(),
    })
}

/// What a stack's files say, and how that differs from what there is.
pub fn details(engine: &Engine, source: StackSource) -> StackDetails {
    let project = match load(&source) {
        Ok(project) => project,
        Err(problem) => return StackDetails { source, problem: Some(problem), ..StackDetails::default() },
    };
    let (drift, problem) = match engine.stack_drift(&project) {
        Ok(drift) => (drift, None),
        Err(problem) => (Drift::default(), Some(problem)),
    };
    let service = |name: &str| {
        project
            .services
            .get(name)
            .map(|service| self::service(&project, name, service, drift.services.get(name)))
    };
    StackDetails {
        services: project.service_order().into_iter().filter_map(service).collect(),
        drift: others(&drift),
        warnings: project.warnings.clone(),
        problem,
        source,
    }
}

fn service(project: &Project, name: &str, service: &Service, drift: Option<&ServiceDrift>) -> StackService {
    let need = |condition: &str| match condition {
        "service_healthy" => Need::Healthy,
        "service_completed_successfully" => Need::Completed,
        _ => Need::Started,
    };
    let needs = service.depends_on.iter().map(|(other, bond)| (other.clone(), need(&bond.condition)));
    StackService {
        name: name.to_owned(),
        image: project.image_of(name),
        wanted: service.replicas(),
        needs: needs.collect(),
        built: service.build.is_some(),
        watches: service.develop.as_ref().is_some_and(|develop| !develop.watch.is_empty()),
        drift: drift.map(differences).unwrap_or_default(),
    }
}

fn differences(drift: &ServiceDrift) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, change) in &drift.changed {
        lines.push(match change {
            Change::Configuration => format!("{name} was made from another configuration"),
            Change::Image => format!("{name} was made from another image of that name"),
        });
    }
    lines.extend(drift.stopped.iter().map(|name| format!("{name} does not run")));
    let containers = |count: u32| teu_ui::text::count(count as usize, "container");
    if drift.missing > 0 {
        lines.push(format!("{} to be made", containers(drift.missing)));
    }
    if drift.surplus > 0 {
        lines.push(format!("{} too many", containers(drift.surplus)));
    }
    lines
}

fn others(drift: &Drift) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |names: &[String], what: &str, how: &str| {
        lines.extend(names.iter().map(|name| format!("{what} {name} {how}")));
    };
    add(&drift.missing_networks, "network", "is to be made");
    add(&drift.changed_networks, "network", "was made from another configuration");
    add(&drift.missing_volumes, "volume", "is to be made");
    add(&drift.changed_volumes, "volume", "was made from another configuration and stays");
    add(&drift.orphans, "container", "is of a service that is in no file");
    lines
}

/// Does something to a stack, telling each thing that happens; says what was done.
pub fn carry_out(
    engine: &Engine,
    request: &StackRequest,
    cancel: &Cancel,
    tell: &mut dyn FnMut(&str, &str, &str),
) -> Result<String, Failure> {
    let name = &request.source.name;
    let project = match (load(&request.source), request.deed) {
        (Ok(project), _) => Some(project),
        // What is there can be stopped and removed without a file.
        (Err(_), StackDeed::Down { .. } | StackDeed::Stop | StackDeed::Restart) => None,
        (Err(failure), _) => return Err(failure),
    };
    let settings = Settings { name: name.clone(), give_up: Some(cancel.bell()?), ..Settings::default() };
    let mut event = |event: &teu_core::stacks::StackEvent| {
        // How far a pull has come has no place in a line.
        if event.bytes.is_none() {
            tell(event.kind, &event.name, event.what);
        }
    };
    let problems = match (request.deed, &project) {
        (StackDeed::Up | StackDeed::Scale(_), Some(project)) => {
            engine.raise_stack(project, &up_options(request), &settings, &mut event)?
        }
        (StackDeed::Down { volumes }, _) => {
            let options = plan::DownOptions { volumes, ..plan::DownOptions::default() };
            engine.lower_stack(project.as_ref(), &options, &settings, &mut event)?
        }
        (deed, _) => {
            let restart = Life::Restart { dependents: true };
            let life = if deed == StackDeed::Restart { restart } else { Life::Stop };
            engine.turn_stack(project.as_ref(), &request.services, life, &settings, &mut event)?
        }
    };
    finish(problems)?;
    // What is given up fails in no part, and yet is not what was asked for.
    cancel.check()?;
    Ok(match request.deed {
        StackDeed::Down { .. } => format!("{name} is down"),
        StackDeed::Stop => format!("{} stopped", what(request)),
        StackDeed::Restart => format!("{} restarted", what(request)),
        StackDeed::Scale(count) => {
            format!("{} has {}", what(request), teu_ui::text::count(count as usize, "container"))
        }
        // A watch is carried out where files are watched.
        StackDeed::Up | StackDeed::Watch => format!("{} is up", what(request)),
    })
}

fn up_options(request: &StackRequest) -> UpOptions {
    let scale = match (request.deed, &request.services[..]) {
        (StackDeed::Scale(count), [service]) => BTreeMap::from([(service.clone(), count)]),
        _ => BTreeMap::new(),
    };
    let recreate = if scale.is_empty() { Recreate::Diverged } else { Recreate::Never };
    UpOptions {
        services: request.services.clone(),
        recreate,
        recreate_dependencies: recreate,
        scale,
        ..UpOptions::default()
    }
}

fn what(request: &StackRequest) -> String {
    match &request.services[..] {
        [] => request.source.name.clone(),
        services => format!("{} of {}", services.join(", "), request.source.name),
    }
}

/// The first failure, with how many there are and the last that its container said.
fn finish(problems: Vec<Problem>) -> Result<(), Failure> {
    let more = problems.len().saturating_sub(1);
    let Some(problem) = problems.into_iter().next() else { return Ok(()) };
    let mut failure = problem.failure;
    if more > 0 {
        failure.message += &format!("; and {more} more failed");
    }
    if let Some(line) = problem.log.last() {
        failure.message += &format!(": {}", String::from_utf8_lossy(&line.text));
    }
    Err(failure)
}

/// A stack's file.
pub fn read(path: String) -> Event {
    let failed = |error: std::io::Error| {
        let kind = if error.kind() == std::io::ErrorKind::NotFound {
            FailureKind::NotFound
        } else {
            FailureKind::Internal
        };
        Failure::new(kind, format!("cannot read {path}: {error}"))
    };
    let text = fs::metadata(&path).map_err(failed).and_then(|known| {
        if !known.is_file() || known.len() > LARGEST {
            return Err(Failure::unsupported(format!("{path} is no file that can be edited here")));
        }
        fs::read_to_string(&path).map_err(failed)
    });
    Event::StackFile { path, text }
}

/// What there is to know of a file as it is being written.
pub fn check(source: &StackSource, path: &str, text: &str, ticket: u64) -> Event {
    let found = teu_core::stacks::validate(text, Path::new(path), &options(source));
    let finding = |finding: teu_core::stacks::Finding| {
        let error = finding.error;
        // What is wrong elsewhere has no line here.
        let here = error.position.as_ref().filter(|position| Path::new(path).ends_with(&position.file));
        let (line, column) =
            here.map_or((0, 0), |position| (position.line as usize, position.column as usize));
        let shown = teu_core::stacks::ComposeError {
            position: error.position.clone().filter(|_| here.is_none()),
            ..error
        };
        TextFinding { line, column, grave: finding.severity == Severity::Error, message: shown.to_string() }
    };
    Event::StackFindings { ticket, findings: found.into_iter().map(finding).collect() }
}

/// Writes a file in one step; what somebody else wrote meanwhile is not lost.
pub fn save(path: String, text: String, before: Option<&str>) -> Event {
    match replace(Path::new(&path), &text, before) {
        Ok(()) => Event::StackFileSaved { path, text },
        Err(failure) => Event::Failed { ticket: None, failure },
    }
}

fn replace(path: &Path, text: &str, before: Option<&str>) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| Failure::internal(format!("cannot write {shown}: {error}"));
    // A link stays one: the file that it leads to is written.
    let path = &fs::canonicalize(path).map_err(failed)?;
    if let Some(before) = before
        && fs::read_to_string(path).map_err(failed)? != before
    {
        return Err(Failure::new(FailureKind::Conflict, format!("{shown} was changed by somebody else"))
            .hint("copy what you need, leave, and open it anew"));
    }
    let permissions = fs::metadata(path).map_err(failed)?.permissions();
    let half = path.with_extension(format!("{}.new", std::process::id()));
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&half).and_then(|mut file| {
        file.set_permissions(fs::Permissions::from_mode(permissions.mode()))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&half);
    }
    written.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_only_if_it_is_as_it_was() {
        let folder = std::env::temp_dir().join(format!("teu-stack-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (file, link) = (folder.join("compose.yaml"), folder.join("link.yaml"));
        fs::write(&file, "a: 1\n").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        replace(&link, "a: 2\n", Some("a: 1\n")).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "a: 2\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let refused = replace(&file, "a: 3\n", Some("a: 1\n")).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2, "nothing half is left");
        fs::remove_dir_all(&folder).unwrap();
    }
}
