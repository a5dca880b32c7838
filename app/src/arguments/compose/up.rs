//! Bringing projects up and down.

use clap::Args;

/// `teu compose up`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeUpArguments {
    /// Which containers are made, and how.
    #[command(flatten)]
    pub make: ComposeMakeArguments,
    /// Leave the containers running and come back
    #[arg(short, long)]
    pub detach: bool,
    /// Come back when all containers run and are healthy; means --detach
    #[arg(long)]
    pub wait: bool,
    /// With --wait: wait at most this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub wait_timeout: Option<u64>,
    /// Make dependencies anew, too
    #[arg(long, conflicts_with = "no_recreate")]
    pub always_recreate_deps: bool,
    /// Leave dependencies alone
    #[arg(long)]
    pub no_deps: bool,
    /// Start nothing
    #[arg(long)]
    pub no_start: bool,
    /// Make anonymous volumes anew
    #[arg(short = 'V', long)]
    pub renew_anon_volumes: bool,
    /// Stop all containers when one ends
    #[arg(long, conflicts_with = "detach")]
    pub abort_on_container_exit: bool,
    /// Stop all containers when one fails
    #[arg(long, conflicts_with = "detach")]
    pub abort_on_container_failure: bool,
    /// End with this service's exit code; means --abort-on-container-exit
    #[arg(long, value_name = "SERVICE", conflicts_with = "detach")]
    pub exit_code_from: Option<String>,
    /// Seconds that containers have to stop
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub timeout: Option<i64>,
    /// Show no colours
    #[arg(long)]
    pub no_color: bool,
    /// Show no names before lines
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Show when each line was written
    #[arg(long)]
    pub timestamps: bool,
    /// Show the output of these services only
    #[arg(long, value_name = "SERVICE", conflicts_with = "detach")]
    pub attach: Vec<String>,
    /// Do not show the output of these services
    #[arg(long, value_name = "SERVICE")]
    pub no_attach: Vec<String>,
    /// Show the output of dependencies, too
    #[arg(long, conflicts_with = "detach")]
    pub attach_dependencies: bool,
    /// Go on with what changes in watched folders
    #[arg(short, long, conflicts_with_all = ["detach", "wait", "no_start"])]
    pub watch: bool,
    /// Whether d leaves the containers running and comes back, on a terminal
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub menu: Option<bool>,
    /// Taken for Docker's sake: nothing is built
    #[arg(long, hide = true)]
    pub quiet_build: bool,
}

/// `teu compose create`, and what `up` has of it
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeMakeArguments {
    /// Have so many containers of a service
    #[arg(long, value_name = "SERVICE=NUMBER")]
    pub scale: Vec<String>,
    /// Make containers anew even if nothing changed
    #[arg(long, conflicts_with = "no_recreate")]
    pub force_recreate: bool,
    /// Leave containers that are there as they are
    #[arg(long)]
    pub no_recreate: bool,
    /// Remove containers of services that are in no file
    #[arg(long)]
    pub remove_orphans: bool,
    /// When to pull images: always, missing, never or policy
    #[arg(long, value_name = "WHEN", value_parser = ["always", "missing", "never", "policy", "build"])]
    pub pull: Option<String>,
    /// Build images first
    #[arg(long)]
    pub build: bool,
    /// Build no images
    #[arg(long, conflicts_with = "build")]
    pub no_build: bool,
    /// Say nothing of pulls
    #[arg(long)]
    pub quiet_pull: bool,
    /// Confirm nothing
    #[arg(short, long)]
    pub yes: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

impl From<&ComposeMakeArguments> for ComposeUpArguments {
    /// What makes the same containers, and starts none.
    fn from(make: &ComposeMakeArguments) -> Self {
        Self { make: make.clone(), no_start: true, ..Self::default() }
    }
}

/// `teu compose scale`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeScaleArguments {
    /// Leave dependencies alone
    #[arg(long)]
    pub no_deps: bool,
    /// How many.
    #[arg(value_name = "SERVICE=NUMBER", required = true, help = "How many containers a service has")]
    pub scale: Vec<String>,
}

/// `teu compose down`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeDownArguments {
    /// Remove volumes, too
    #[arg(short, long)]
    pub volumes: bool,
    /// Remove images, too: all, or local for those without a name in the file
    #[arg(long, value_name = "WHICH", value_parser = ["all", "local"])]
    pub rmi: Option<String>,
    /// Seconds that containers have to stop
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub timeout: Option<i64>,
    /// Remove containers of services that are in no file
    #[arg(long)]
    pub remove_orphans: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose run`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeRunArguments {
    /// Leave the container running and come back
    #[arg(short, long)]
    pub detach: bool,
    /// Set a variable
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// The program in place of the service's entry point
    #[arg(long, value_name = "PROGRAM")]
    pub entrypoint: Option<String>,
    /// The container's name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Leave dependencies alone
    #[arg(long)]
    pub no_deps: bool,
    /// Give it no terminal
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub no_tty: bool,
    /// Keep its input open, as it is anyhow
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, default_value = "true", default_missing_value = "true", require_equals = true, action = clap::ArgAction::Set)]
    pub interactive: bool,
    /// Give it a terminal, as it has where there is one
    #[arg(short, long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true, hide = true)]
    pub tty: Option<bool>,
    /// Remove it when it ends
    #[arg(long)]
    pub rm: bool,
    /// Publish the service's ports
    #[arg(short = 'P', long, conflicts_with = "publish")]
    pub service_ports: bool,
    /// Run it as this user
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Run it in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// Add a label
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub label: Vec<String>,
    /// Publish a port, [ADDRESS:][HOST PORT:]PORT
    #[arg(short, long, value_name = "PORT")]
    pub publish: Vec<String>,
    /// Mount a volume or a path
    #[arg(short, long, value_name = "SOURCE:TARGET")]
    pub volume: Vec<String>,
    /// Give it a right
    #[arg(long, value_name = "RIGHT")]
    pub cap_add: Vec<String>,
    /// Take a right from it
    #[arg(long, value_name = "RIGHT")]
    pub cap_drop: Vec<String>,
    /// Set variables from a file
    #[arg(long, value_name = "FILE")]
    pub env_from_file: Vec<String>,
    /// Let it answer to its service's names
    #[arg(long)]
    pub use_aliases: bool,
    /// Remove containers of services that are in no file
    #[arg(long)]
    pub remove_orphans: bool,
    /// When to pull images: always, missing or never
    #[arg(long, value_name = "WHEN", value_parser = ["always", "missing", "never", "policy", "build"])]
    pub pull: Option<String>,
    /// Build its image first
    #[arg(long)]
    pub build: bool,
    /// Say nothing of what is done
    #[arg(short, long)]
    pub quiet: bool,
    /// Say nothing of pulls
    #[arg(long, hide = true)]
    pub quiet_pull: bool,
    /// Taken for Docker's sake: nothing is built
    #[arg(long, hide = true)]
    pub quiet_build: bool,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
    /// The command in place of its own.
    #[arg(
        value_name = "COMMAND",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        help = "A command in place of its own"
    )]
    pub command: Vec<String>,
}

/// `teu compose watch`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeWatchArguments {
    /// Bring nothing up first
    #[arg(long)]
    pub no_up: bool,
    /// Taken for Docker's sake: nothing is built, so nothing is left to remove
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true, hide = true)]
    pub prune: Option<bool>,
    /// Say nothing of the changes that are brought in
    #[arg(long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all that watch something when none is named")]
    pub services: Vec<String>,
}

/// `teu compose build`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeBuildArguments {
    /// Set a variable of the build
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub build_arg: Vec<String>,
    /// Limit the steps' memory
    #[arg(short, long, value_name = "BYTES")]
    pub memory: Option<String>,
    /// Take every step again
    #[arg(long)]
    pub no_cache: bool,
    /// Pull images again that stages stand on
    #[arg(long)]
    pub pull: bool,
    /// Send the images to their registries afterwards
    #[arg(long)]
    pub push: bool,
    /// Print nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// Build what services depend on, too
    #[arg(long)]
    pub with_dependencies: bool,
    /// Services.
    #[arg(value_name = "SERVICE", help = "Services")]
    pub services: Vec<String>,
}

/// `teu compose publish`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePublishArguments {
    /// Whatever is asked for.
    #[arg(
        value_name = "REPOSITORY[:TAG]",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        help = "Where to"
    )]
    pub words: Vec<String>,
}
