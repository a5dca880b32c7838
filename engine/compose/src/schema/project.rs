//! The top of a file: includes, networks, volumes, secrets, configs, models.

use super::service::SERVICE;
use super::{BOOL, OPTIONS, Object, PAIRS, Shape, TEXT_OR_SET, TEXTS};

pub(super) const PROJECT: Object = Object {
    keys: &[
        ("version", Shape::Text),
        ("name", Shape::Text),
        ("include", Shape::List(&INCLUDE)),
        ("services", Shape::Resources(&Shape::Object(&SERVICE))),
        ("jobs", Shape::NotYet("jobs")),
        ("models", Shape::Resources(&MODEL)),
        ("networks", Shape::Resources(&NETWORK)),
        ("volumes", Shape::Resources(&VOLUME)),
        ("secrets", Shape::Resources(&SECRET)),
        ("configs", Shape::Resources(&CONFIG)),
    ],
    required: &[],
    extensions: true,
};

const INCLUDE: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Object(&Object {
        keys: &[("path", TEXT_OR_SET), ("env_file", TEXT_OR_SET), ("project_directory", Shape::Text)],
        required: &[],
        extensions: false,
    }),
]);

const MODEL: Shape = Shape::Object(&Object {
    keys: &[
        ("name", Shape::Text),
        ("model", Shape::Text),
        ("context_size", Shape::Int),
        ("runtime_flags", TEXTS),
    ],
    required: &["model"],
    extensions: true,
});

/// `true`, or the old `{name: …}`.
const EXTERNAL: Shape = Shape::Either(&[
    Shape::Bool,
    Shape::Text,
    Shape::Object(&Object { keys: &[("name", Shape::Text)], required: &[], extensions: true }),
]);

const NETWORK: Shape = Shape::Either(&[
    Shape::Null,
    Shape::Object(&Object {
        keys: &[
            ("name", Shape::Text),
            ("driver", Shape::Text),
            ("driver_opts", OPTIONS),
            ("ipam", Shape::Object(&IPAM)),
            ("external", EXTERNAL),
            ("internal", BOOL),
            ("enable_ipv4", BOOL),
            ("enable_ipv6", BOOL),
            ("attachable", BOOL),
            ("labels", PAIRS),
        ],
        required: &[],
        extensions: true,
    }),
]);

const IPAM: Object = Object {
    keys: &[
        ("driver", Shape::Text),
        (
            "config",
            Shape::List(&Shape::Object(&Object {
                keys: &[
                    ("subnet", Shape::Text),
                    ("ip_range", Shape::Text),
                    ("gateway", Shape::Text),
                    ("aux_addresses", Shape::Named(&Shape::Text)),
                ],
                required: &[],
                extensions: true,
            })),
        ),
        ("options", Shape::Named(&Shape::Text)),
    ],
    required: &[],
    extensions: true,
};

const VOLUME: Shape = Shape::Either(&[
    Shape::Null,
    Shape::Object(&Object {
        keys: &[
            ("name", Shape::Text),
            ("driver", Shape::Text),
            ("driver_opts", OPTIONS),
            ("external", EXTERNAL),
            ("labels", PAIRS),
        ],
        required: &[],
        extensions: true,
    }),
]);

const SECRET: Shape = Shape::Object(&Object {
    keys: &[
        ("name", Shape::Text),
        ("environment", Shape::Text),
        ("file", Shape::Text),
        ("external", EXTERNAL),
        ("labels", PAIRS),
        ("driver", Shape::Text),
        ("driver_opts", OPTIONS),
        ("template_driver", Shape::Text),
    ],
    required: &[],
    extensions: true,
});

const CONFIG: Shape = Shape::Object(&Object {
    keys: &[
        ("name", Shape::Text),
        ("content", Shape::Text),
        ("environment", Shape::Text),
        ("file", Shape::Text),
        ("external", EXTERNAL),
        ("labels", PAIRS),
        ("template_driver", Shape::Text),
    ],
    required: &[],
    extensions: true,
});
