//! `teu compose …`

use clap::{Args, Subcommand};

/// The arguments of `teu compose`, before its own command.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct ComposeArguments {
    /// A Compose file; several are merged in order
    #[arg(short, long, value_name = "FILE")]
    pub file: Vec<String>,
    /// The project's name
    #[arg(short, long, value_name = "NAME")]
    pub project_name: Option<String>,
    /// Switch a profile on
    #[arg(long, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Read variables for interpolation from a file
    #[arg(long, value_name = "FILE")]
    pub env_file: Vec<String>,
    /// The folder that relative paths start from
    #[arg(long, value_name = "DIR")]
    pub project_directory: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: ComposeCommand,
}

/// What to do with a project.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum ComposeCommand {
    /// Check the files and print them in canonical form
    #[command(visible_alias = "convert")]
    Config(ComposeConfigArguments),
    /// List the projects that are there
    Ls(ComposeListArguments),
    /// Print the version
    Version(ComposeVersionArguments),
    /// Make and start containers
    Up(ComposeUpArguments),
    /// Make containers, and start none
    Create(ComposeUpArguments),
    /// Change how many containers services have
    Scale(ComposeScaleArguments),
    /// Stop and remove containers and networks
    Down(ComposeDownArguments),
    /// Start containers that are there
    Start(ComposeServicesArguments),
    /// Stop containers
    Stop(ComposeServicesArguments),
    /// Stop and start containers
    Restart(ComposeServicesArguments),
    /// Freeze containers
    Pause(ComposeServicesArguments),
    /// Let frozen containers go on
    Unpause(ComposeServicesArguments),
    /// Send containers a signal
    Kill(ComposeKillArguments),
    /// Remove stopped containers
    Rm(ComposeRemoveArguments),
    /// List containers
    Ps(ComposePsArguments),
    /// Show what containers have written
    Logs(ComposeLogsArguments),
    /// Run a command in a service's container
    Exec(ComposeExecArguments),
    /// Run a command in a new container of a service
    Run(ComposeRunArguments),
    /// List the images of containers
    Images(ComposeImagesArguments),
    /// Show the processes of containers
    Top(ComposeServicesArguments),
    /// Show what containers use
    Stats(ComposeStatsArguments),
    /// Print the host port of a container's port
    Port(ComposePortArguments),
    /// Show what happens to containers
    Events(ComposeEventsArguments),
    /// Copy files between a container and the host
    Cp(ComposeCopyArguments),
    /// Wait until a service's containers have ended
    Wait(ComposeServicesArguments),
    /// Attach to a service's container
    Attach(ComposeAttachArguments),
    /// Pull images
    Pull(ComposePullArguments),
    /// Push images
    Push(ComposePullArguments),
}

/// `teu compose up` and `create`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeUpArguments {
    /// Leave the containers running and come back
    #[arg(short, long)]
    pub detach: bool,
    /// Come back when all containers run and are healthy; means --detach
    #[arg(long)]
    pub wait: bool,
    /// Wait at most this many seconds
    #[arg(long, value_name = "SECONDS")]
    pub wait_timeout: Option<u64>,
    /// Have so many containers of a service
    #[arg(long, value_name = "SERVICE=NUMBER")]
    pub scale: Vec<String>,
    /// Make containers anew even if nothing changed
    #[arg(long, conflicts_with = "no_recreate")]
    pub force_recreate: bool,
    /// Make dependencies anew, too
    #[arg(long, conflicts_with = "no_recreate")]
    pub always_recreate_deps: bool,
    /// Leave containers that are there as they are
    #[arg(long)]
    pub no_recreate: bool,
    /// Leave dependencies alone
    #[arg(long)]
    pub no_deps: bool,
    /// Remove containers of services that are in no file
    #[arg(long)]
    pub remove_orphans: bool,
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
    /// When to pull images: always, missing, never or policy
    #[arg(long, value_name = "WHEN", value_parser = ["always", "missing", "never", "policy", "build"])]
    pub pull: Option<String>,
    /// Build images first
    #[arg(long)]
    pub build: bool,
    /// Build no images
    #[arg(long, conflicts_with = "build")]
    pub no_build: bool,
    /// Show no colours
    #[arg(long)]
    pub no_color: bool,
    /// Show no names before lines
    #[arg(long)]
    pub no_log_prefix: bool,
    /// Show when each line was written
    #[arg(long)]
    pub timestamps: bool,
    /// Say nothing of what is done
    #[arg(long)]
    pub quiet_pull: bool,
    /// Confirm nothing
    #[arg(short, long)]
    pub yes: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
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

/// Commands that take services and little more.
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeServicesArguments {
    /// Seconds that containers have to stop
    #[arg(short, long, value_name = "SECONDS", allow_negative_numbers = true)]
    pub timeout: Option<i64>,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose kill`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeKillArguments {
    /// The signal
    #[arg(short, long, value_name = "SIGNAL", default_value = "SIGKILL")]
    pub signal: String,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose rm`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeRemoveArguments {
    /// Confirm nothing
    #[arg(short, long)]
    pub force: bool,
    /// Stop containers first
    #[arg(short, long)]
    pub stop: bool,
    /// Remove anonymous volumes, too
    #[arg(short, long)]
    pub volumes: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose ps`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePsArguments {
    /// Show stopped containers, too
    #[arg(short, long)]
    pub all: bool,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// Print the services' names only
    #[arg(long)]
    pub services: bool,
    /// table, json, or a template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Only containers in this state
    #[arg(long, value_name = "STATE")]
    pub status: Vec<String>,
    /// Only what matches, as status=STATE
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// Cut nothing short
    #[arg(long)]
    pub no_trunc: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub only: Vec<String>,
}

/// `teu compose logs`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeLogsArguments {
    /// Go on with what is written from now on
    #[arg(short, long)]
    pub follow: bool,
    /// Show this many lines from the end, or all
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true)]
    pub tail: Option<String>,
    /// Show lines since a moment, as 2026-01-02T03:04:05Z or 10m
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show lines until a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Show when each line was written
    #[arg(short, long)]
    pub timestamps: bool,
    /// Show no colours
    #[arg(long)]
    pub no_color: bool,
    /// Show no names before lines
    #[arg(long)]
    pub no_log_prefix: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose exec`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeExecArguments {
    /// Leave the command running and come back
    #[arg(short, long)]
    pub detach: bool,
    /// Set a variable
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Give the command no terminal
    #[arg(short = 'T', long = "no-TTY", alias = "no-tty")]
    pub no_tty: bool,
    /// Give the command every right
    #[arg(long)]
    pub privileged: bool,
    /// Run it as this user
    #[arg(short, long, value_name = "USER")]
    pub user: Option<String>,
    /// Run it in this folder
    #[arg(short, long, value_name = "DIR")]
    pub workdir: Option<String>,
    /// The service, the program and its arguments.
    #[arg(value_name = "SERVICE COMMAND", required = true, num_args = 2.., trailing_var_arg = true, allow_hyphen_values = true, help = "The service, then the command")]
    pub words: Vec<String>,
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
    /// Remove it when it ends
    #[arg(long)]
    pub rm: bool,
    /// Publish the service's ports
    #[arg(short = 'P', long)]
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
    /// The service, and the command in place of its own.
    #[arg(
        value_name = "SERVICE [COMMAND]",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        help = "The service, then a command in place of its own"
    )]
    pub words: Vec<String>,
}

/// `teu compose images`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeImagesArguments {
    /// table or json
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    pub format: String,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose stats`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeStatsArguments {
    /// Print once
    #[arg(long)]
    pub no_stream: bool,
    /// table, json, or a template
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose port`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePortArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// tcp or udp
    #[arg(long, value_name = "PROTOCOL", default_value = "tcp")]
    pub protocol: String,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
    /// The container's port.
    #[arg(value_name = "PORT", help = "The container's port")]
    pub port: String,
}

/// `teu compose events`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeEventsArguments {
    /// Print events as JSON, one a line
    #[arg(long)]
    pub json: bool,
    /// Show events since a moment
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Show events until a moment
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
}

/// `teu compose cp`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeCopyArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Keep owners
    #[arg(short, long)]
    pub archive: bool,
    /// Follow links in the source
    #[arg(short = 'L', long)]
    pub follow_link: bool,
    /// From where, SERVICE:PATH or PATH.
    #[arg(value_name = "SOURCE", help = "From where: SERVICE:PATH, PATH, or -")]
    pub source: String,
    /// To where.
    #[arg(value_name = "TARGET", help = "To where: SERVICE:PATH, PATH, or -")]
    pub target: String,
}

/// `teu compose attach`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeAttachArguments {
    /// Which of the service's containers
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub index: u32,
    /// Keys that leave the container
    #[arg(long, value_name = "KEYS")]
    pub detach_keys: Option<String>,
    /// Do not attach to its input
    #[arg(long)]
    pub no_stdin: bool,
    /// The service.
    #[arg(value_name = "SERVICE", help = "The service")]
    pub service: String,
}

/// `teu compose pull` and `push`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposePullArguments {
    /// Go on after an image that fails
    #[arg(long, alias = "ignore-push-failures")]
    pub ignore_pull_failures: bool,
    /// The services' dependencies, too
    #[arg(long)]
    pub include_deps: bool,
    /// Say nothing of what is done
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub services: Vec<String>,
}

/// `teu compose ls`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeListArguments {
    /// Show stopped projects, too
    #[arg(short, long)]
    pub all: bool,
    /// Only those whose name holds this text, as name=TEXT
    #[arg(long, value_name = "FILTER")]
    pub filter: Vec<String>,
    /// table or json
    #[arg(long, value_name = "FORMAT", value_parser = ["table", "json"], default_value = "table")]
    pub format: String,
    /// Print the names only
    #[arg(short, long)]
    pub quiet: bool,
}

/// `teu compose version`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeVersionArguments {
    /// pretty or json
    #[arg(short, long, value_name = "FORMAT", value_parser = ["pretty", "json"], default_value = "pretty")]
    pub format: String,
    /// Print the number alone
    #[arg(long)]
    pub short: bool,
}

/// `teu compose config`
#[derive(Args, Clone, PartialEq, Debug, Default)]
pub struct ComposeConfigArguments {
    /// yaml or json
    #[arg(long, value_name = "FORMAT", value_parser = ["yaml", "json"], default_value = "yaml")]
    pub format: String,
    /// Print the services' names, one a line
    #[arg(long)]
    pub services: bool,
    /// Print the images' names, one a line
    #[arg(long)]
    pub images: bool,
    /// Print the hash of a service's configuration; * for all
    #[arg(long, value_name = "SERVICE")]
    pub hash: Option<String>,
    /// Print the volumes' names, one a line
    #[arg(long)]
    pub volumes: bool,
    /// Print the networks' names, one a line
    #[arg(long)]
    pub networks: bool,
    /// Print the profiles' names, one a line
    #[arg(long)]
    pub profiles: bool,
    /// Print the variables and their defaults
    #[arg(long)]
    pub variables: bool,
    /// Print the environment used for interpolation
    #[arg(long)]
    pub environment: bool,
    /// Leave variables as they are written
    #[arg(long)]
    pub no_interpolate: bool,
    /// Leave short forms as they are written
    #[arg(long)]
    pub no_normalize: bool,
    /// Leave relative paths as they are written
    #[arg(long)]
    pub no_path_resolution: bool,
    /// Do not check that references between parts hold
    #[arg(long)]
    pub no_consistency: bool,
    /// Write to this file in place of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Check only, and print nothing
    #[arg(short, long)]
    pub quiet: bool,
    /// The services.
    #[arg(value_name = "SERVICE", help = "Services; all when none is named")]
    pub only: Vec<String>,
}
