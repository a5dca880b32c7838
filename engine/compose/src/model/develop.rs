//! Commands at turns of a container's life, and what is watched during development.

use super::record;
use std::collections::BTreeMap;

record! {
    /// A command in a container at a turn of its life.
    pub struct Hook {
        /// Who runs it.
        pub user: String,
        /// Whether it has every right.
        pub privileged: bool,
        /// Where it runs.
        pub working_dir: String,
        /// Its environment.
        pub environment: BTreeMap<String, Option<String>>,
    }
    always {
        /// The command.
        pub command: Option<Vec<String>>,
    }
}

record! {
    /// Development.
    pub struct Develop {
        /// What is watched.
        pub watch: Vec<Trigger>,
    }
}

record! {
    /// A path that is watched.
    pub struct Trigger {
        /// Where changes go.
        pub target: String,
        /// What is not watched.
        pub ignore: Vec<String>,
        /// What alone is watched.
        pub include: Vec<String>,
        /// Whether everything is copied at the start.
        pub initial_sync: bool,
    }
    always {
        /// The path.
        pub path: String,
        /// `rebuild`, `sync`, `restart`, `sync+restart` or `sync+exec`.
        pub action: String,
        /// What runs after a change.
        pub exec: Hook,
    }
}
