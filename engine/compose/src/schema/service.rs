//! A service and what is in it.

use super::{
    BOOL, COMMAND, FILE_REFERENCES, HOSTS, INT, NUMBER, OPTIONS, Object, PAIRS, Shape, TEXT_OR_NUMBER,
    TEXT_OR_SET, TEXT_SET, TEXTS, ULIMITS,
};

/// A mapping whose keys may all be left out and that takes extensions.
macro_rules! object {
    ($($key:literal: $shape:expr),* $(,)?) => {
        Shape::Object(&Object { keys: &[$(($key, $shape)),*], required: &[], extensions: true })
    };
}

/// A key and what it may hold.
type Key = (&'static str, Shape);

/// What is said of a container, whoever has it: a service, or a hook before its start.
const CONTAINER: &[Key] = &[
    ("annotations", PAIRS),
    ("blkio_config", BLKIO),
    ("cap_add", TEXT_SET),
    ("cap_drop", TEXT_SET),
    ("cgroup", Shape::Word(&["host", "private"])),
    ("cgroup_parent", Shape::Text),
    ("command", COMMAND),
    ("configs", FILE_REFERENCES),
    ("cpu_count", Shape::Range(0, i64::MAX)),
    ("cpu_percent", Shape::Range(0, 100)),
    ("cpu_period", NUMBER),
    ("cpu_quota", NUMBER),
    ("cpu_rt_period", NUMBER),
    ("cpu_rt_runtime", NUMBER),
    ("cpu_shares", NUMBER),
    ("cpus", NUMBER),
    ("cpuset", Shape::Text),
    ("credential_spec", object! { "config": Shape::Text, "file": Shape::Text, "registry": Shape::Text }),
    ("device_cgroup_rules", TEXT_SET),
    ("devices", Shape::List(&DEVICE)),
    ("dns", TEXT_OR_SET),
    ("dns_opt", TEXT_SET),
    ("dns_search", TEXT_OR_SET),
    ("domainname", Shape::Text),
    ("entrypoint", COMMAND),
    ("env_file", Shape::Either(&[Shape::Text, Shape::List(&ENV_FILE)])),
    ("environment", PAIRS),
    ("extra_hosts", HOSTS),
    ("gpus", Shape::Either(&[Shape::Word(&["all"]), Shape::List(&GPU)])),
    ("group_add", Shape::Set(&TEXT_OR_NUMBER)),
    ("hostname", Shape::Text),
    ("image", Shape::Text),
    ("init", BOOL),
    ("ipc", Shape::Text),
    ("isolation", Shape::Text),
    ("label_file", Shape::Either(&[Shape::Text, TEXTS])),
    ("labels", PAIRS),
    ("logging", LOGGING),
    ("mac_address", Shape::Text),
    ("mem_limit", NUMBER),
    ("mem_reservation", INT),
    ("mem_swappiness", INT),
    ("memswap_limit", NUMBER),
    ("models", Shape::Either(&[TEXT_SET, Shape::Named(&MODEL)])),
    ("network_mode", Shape::Text),
    ("networks", Shape::Either(&[TEXT_SET, Shape::Resources(&NETWORK)])),
    ("oom_kill_disable", BOOL),
    ("oom_score_adj", Shape::Range(-1000, 1000)),
    ("pid", Shape::Either(&[Shape::Text, Shape::Null])),
    ("pids_limit", NUMBER),
    ("platform", Shape::Text),
    ("privileged", BOOL),
    (
        "pull_policy",
        Shape::Pattern(
            is_pull_policy,
            "always, never, missing, if_not_present, build, refresh, daily, weekly or every_<duration>",
        ),
    ),
    ("pull_refresh_after", Shape::Text),
    ("read_only", BOOL),
    ("runtime", Shape::Text),
    ("secrets", FILE_REFERENCES),
    ("security_opt", TEXT_SET),
    ("shm_size", NUMBER),
    ("stop_grace_period", Shape::Text),
    ("stop_signal", Shape::Text),
    ("storage_opt", Shape::Named(&Shape::Any)),
    ("sysctls", PAIRS),
    ("tmpfs", TEXT_OR_SET),
    ("ulimits", ULIMITS),
    ("use_api_socket", Shape::Bool),
    ("user", Shape::Text),
    ("userns_mode", Shape::Text),
    ("uts", Shape::Text),
    ("volumes", Shape::Set(&Shape::Either(&[Shape::Text, VOLUME]))),
    ("volumes_from", TEXT_SET),
    ("working_dir", Shape::Text),
];

/// What is said of a service beyond its containers.
const WORKLOAD: &[Key] = &[
    ("build", Shape::Either(&[Shape::Text, BUILD])),
    ("depends_on", Shape::Either(&[TEXT_SET, Shape::Resources(&DEPENDENCY)])),
    ("expose", Shape::Set(&TEXT_OR_NUMBER)),
    ("healthcheck", HEALTHCHECK),
    ("ports", Shape::Set(&Shape::Either(&[Shape::Number, Shape::Text, PORT]))),
    ("stdin_open", BOOL),
    ("tty", BOOL),
    ("attach", BOOL),
    ("container_name", Shape::Pattern(is_container_name, "a container's name")),
    ("deploy", Shape::Either(&[Shape::Null, DEPLOY])),
    ("develop", Shape::Either(&[Shape::Null, DEVELOP])),
    ("extends", Shape::Either(&[Shape::Text, EXTENDS])),
    ("external_links", TEXT_SET),
    ("links", TEXT_SET),
    ("post_start", Shape::List(&HOOK)),
    ("pre_start", Shape::List(&PRE_START)),
    ("pre_stop", Shape::List(&HOOK)),
    ("profiles", TEXT_SET),
    ("provider", PROVIDER),
    ("restart", Shape::Text),
    ("scale", INT),
];

const SERVICE_KEYS: [Key; CONTAINER.len() + WORKLOAD.len()] = join(CONTAINER, WORKLOAD);

pub(super) const SERVICE: Object = Object { keys: &SERVICE_KEYS, required: &[], extensions: true };

/// The keys of both, one after the other.
const fn join<const N: usize>(first: &[Key], second: &[Key]) -> [Key; N] {
    let mut all = [("", Shape::Any); N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

const RATE: Shape = Shape::Object(&Object {
    keys: &[("path", Shape::Text), ("rate", INT)],
    required: &[],
    extensions: false,
});
const WEIGHT: Shape = Shape::Object(&Object {
    keys: &[("path", Shape::Text), ("weight", INT)],
    required: &[],
    extensions: false,
});
const BLKIO: Shape = Shape::Object(&Object {
    keys: &[
        ("device_read_bps", Shape::List(&RATE)),
        ("device_read_iops", Shape::List(&RATE)),
        ("device_write_bps", Shape::List(&RATE)),
        ("device_write_iops", Shape::List(&RATE)),
        ("weight", INT),
        ("weight_device", Shape::List(&WEIGHT)),
    ],
    required: &[],
    extensions: false,
});

const BUILD: Shape = object! {
    "context": Shape::Text,
    "dockerfile": Shape::Text,
    "dockerfile_inline": Shape::Text,
    "entitlements": TEXTS,
    "args": PAIRS,
    "ssh": PAIRS,
    "labels": PAIRS,
    "cache_from": TEXTS,
    "cache_to": TEXTS,
    "no_cache": BOOL,
    "no_cache_filter": TEXT_OR_SET,
    "additional_contexts": PAIRS,
    "network": Shape::Text,
    "provenance": BOOL,
    "sbom": BOOL,
    "pull": BOOL,
    "target": Shape::Text,
    "shm_size": INT,
    "extra_hosts": HOSTS,
    "isolation": Shape::Text,
    "privileged": BOOL,
    "secrets": FILE_REFERENCES,
    "tags": TEXTS,
    "ulimits": ULIMITS,
    "platforms": TEXTS,
};

const DEPENDENCY: Shape = Shape::Object(&Object {
    keys: &[
        ("restart", BOOL),
        ("required", Shape::Bool),
        ("condition", Shape::Word(&["service_started", "service_healthy", "service_completed_successfully"])),
    ],
    required: &["condition"],
    extensions: true,
});

const DEVICE: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Object(&Object {
        keys: &[("source", Shape::Text), ("target", Shape::Text), ("permissions", Shape::Text)],
        required: &["source"],
        extensions: true,
    }),
]);

const ENV_FILE: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Object(&Object {
        keys: &[("path", Shape::Text), ("format", Shape::Text), ("required", BOOL)],
        required: &["path"],
        extensions: false,
    }),
]);

const EXTENDS: Shape = Shape::Object(&Object {
    keys: &[("service", Shape::Text), ("file", Shape::Text)],
    required: &["service"],
    extensions: false,
});

const PROVIDER: Shape = Shape::Object(&Object {
    keys: &[
        ("type", Shape::Text),
        (
            "options",
            Shape::Named(&Shape::Either(&[
                TEXT_OR_NUMBER,
                Shape::Bool,
                Shape::List(&Shape::Either(&[TEXT_OR_NUMBER, Shape::Bool])),
            ])),
        ),
    ],
    required: &["type"],
    extensions: true,
});

const HEALTHCHECK: Shape = object! {
    "disable": BOOL,
    "interval": Shape::Text,
    "retries": NUMBER,
    "test": Shape::Either(&[Shape::Text, TEXTS]),
    "timeout": Shape::Text,
    "start_period": Shape::Text,
    "start_interval": Shape::Text,
};

const LOGGING: Shape = object! {
    "driver": Shape::Text,
    "options": Shape::Named(&Shape::Either(&[Shape::Text, Shape::Number, Shape::Null])),
};

const MODEL: Shape =
    Shape::Either(&[Shape::Null, object! { "endpoint_var": Shape::Text, "model_var": Shape::Text }]);

const NETWORK: Shape = Shape::Either(&[
    Shape::Null,
    object! {
        "aliases": TEXT_SET,
        "interface_name": Shape::Text,
        "ipv4_address": Shape::Text,
        "ipv6_address": Shape::Text,
        "link_local_ips": TEXT_SET,
        "mac_address": Shape::Text,
        "driver_opts": OPTIONS,
        "priority": Shape::Number,
        "gw_priority": Shape::Number,
    },
]);

const PORT: Shape = object! {
    "name": Shape::Text,
    "mode": Shape::Text,
    "host_ip": Shape::Text,
    "target": INT,
    "published": INT,
    "protocol": Shape::Text,
    "app_protocol": Shape::Text,
};

const HOOK: Shape = Shape::Object(&Object {
    keys: &[
        ("command", COMMAND),
        ("user", Shape::Text),
        ("privileged", BOOL),
        ("working_dir", Shape::Text),
        ("environment", PAIRS),
    ],
    required: &["command"],
    extensions: true,
});

const HOOK_KEYS: [Key; CONTAINER.len() + 1] = join(CONTAINER, &[("per_replica", BOOL)]);

/// A container before the start.
const PRE_START: Shape = Shape::Object(&Object { keys: &HOOK_KEYS, required: &[], extensions: true });

const DEVELOP: Shape = object! {
    "watch": Shape::List(&Shape::Object(&Object {
        keys: &[
            ("path", Shape::Text),
            ("action", Shape::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
            ("target", Shape::Text),
            ("exec", HOOK),
            ("ignore", TEXT_OR_SET),
            ("include", TEXT_OR_SET),
            ("initial_sync", Shape::Bool),
        ],
        required: &["path", "action"],
        extensions: true,
    })),
};

const UPDATE: Shape = object! {
    "parallelism": INT,
    "delay": Shape::Text,
    "failure_action": Shape::Text,
    "monitor": Shape::Text,
    "max_failure_ratio": NUMBER,
    "order": Shape::Word(&["start-first", "stop-first"]),
};

const DEPLOY: Shape = object! {
    "mode": Shape::Text,
    "endpoint_mode": Shape::Text,
    "replicas": INT,
    "labels": PAIRS,
    "rollback_config": UPDATE,
    "update_config": UPDATE,
    "resources": object! {
        "limits": object! { "cpus": NUMBER, "memory": Shape::Text, "pids": INT },
        "reservations": object! {
            "cpus": NUMBER,
            "memory": Shape::Text,
            "generic_resources": Shape::List(&object! {
                "discrete_resource_spec": object! { "kind": Shape::Text, "value": NUMBER },
            }),
            "devices": Shape::List(&DEVICE_REQUEST),
        },
    },
    "restart_policy": object! { "condition": Shape::Text, "delay": Shape::Text, "max_attempts": INT, "window": Shape::Text },
    "placement": object! {
        "constraints": TEXTS,
        "preferences": Shape::List(&object! { "spread": Shape::Text }),
        "max_replicas_per_node": INT,
    },
};

const DEVICE_KEYS: &[(&str, Shape)] = &[
    ("capabilities", TEXT_SET),
    ("count", INT),
    ("device_ids", TEXT_SET),
    ("driver", Shape::Text),
    ("options", PAIRS),
];
const DEVICE_REQUEST: Shape = Shape::Object(&Object { keys: DEVICE_KEYS, required: &[], extensions: true });
const GPU: Shape = Shape::Object(&Object { keys: DEVICE_KEYS, required: &[], extensions: true });

const VOLUME: Shape = Shape::Object(&Object {
    keys: &[
        ("type", Shape::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
        ("source", Shape::Text),
        ("target", Shape::Text),
        ("read_only", BOOL),
        ("consistency", Shape::Text),
        (
            "bind",
            object! {
                "propagation": Shape::Text,
                "create_host_path": BOOL,
                "recursive": Shape::Word(&["enabled", "disabled", "writable", "readonly"]),
                "selinux": Shape::Word(&["z", "Z"]),
            },
        ),
        ("volume", object! { "labels": PAIRS, "nocopy": BOOL, "subpath": Shape::Text }),
        ("tmpfs", object! { "size": Shape::Range(0, i64::MAX), "mode": NUMBER }),
        ("image", object! { "subpath": Shape::Text }),
    ],
    required: &["type"],
    extensions: true,
});

fn is_container_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && name.len() > 1
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

fn is_pull_policy(policy: &str) -> bool {
    matches!(
        policy,
        "always" | "never" | "build" | "if_not_present" | "missing" | "refresh" | "daily" | "weekly"
    ) || policy
        .strip_prefix("every_")
        .is_some_and(|period| crate::canonical::duration::parse(period).is_some())
}

/// Whether a key of a service is about its containers, and so may stand in a hook before its start, too.
pub(crate) fn is_of_container(key: &str) -> bool {
    CONTAINER.iter().any(|(known, _)| *known == key)
}
