//! `ps --filter`.

use super::{Filters, one_matches};
use crate::arguments::values::port;
use crate::arguments::values::wrong;
use regex::Regex;
use teu_api::Failure;
use teu_api::container::{ContainerSnapshot, Status};

/// The keys that Docker has for containers.
const KEYS: [&str; 15] = [
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];

/// Which containers `ps` shows.
#[derive(Debug)]
pub struct ContainerFilter {
    filters: Filters,
    names: Vec<Regex>,
    ids: Vec<Regex>,
    exited: Vec<i32>,
    statuses: Vec<Status>,
    ancestors: Vec<String>,
    published: Vec<(u16, &'static str)>,
    /// Only those of a swarm, which there are none of.
    tasks: bool,
    before: Option<i64>,
    since: Option<i64>,
}

impl ContainerFilter {
    /// Reads the flags. `all` is every container, to find those of `before` and `since` in; `image_id` tells the
    /// id of an image that `ancestor` names.
    pub fn new(
        texts: &[String],
        all: &[ContainerSnapshot],
        image_id: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        let filters = Filters::parse(texts, &KEYS)?;
        let exited = filters
            .values("exited")
            .iter()
            .map(|value| {
                value
                    .parse()
                    .map_err(|_| wrong(format!("invalid filter 'exited={value}'"), "give an exit code"))
            })
            .collect::<Result<_, _>>()?;
        let statuses = filters
            .values("status")
            .iter()
            .map(|value| {
                Status::parse(value).ok_or_else(|| {
                    wrong(
                        format!("invalid filter 'status={value}'"),
                        "states are created, restarting, running, removing, paused, exited and dead",
                    )
                })
            })
            .collect::<Result<_, _>>()?;
        for value in filters.values("health") {
            if !["starting", "healthy", "unhealthy", "none"].contains(&value.as_str()) {
                return Err(wrong(
                    format!("invalid filter 'health={value}'"),
                    "write starting, healthy, unhealthy or none",
                ));
            }
        }
        let mut published = Vec::new();
        for value in filters.values("publish").iter().chain(filters.values("expose")) {
            for text in port::expose(value)? {
                let (number, name) = text.split_once('/').unwrap_or((&text, "tcp"));
                published.push((number.parse().unwrap_or_default(), port::protocol(name)?.word()));
            }
        }
        let moment = |key: &str| -> Result<Option<i64>, Failure> {
            let Some(wanted) = filters.values(key).first() else { return Ok(None) };
            let found = all
                .iter()
                .find(|container| container.name == *wanted || container.id.as_str() == wanted)
                .or_else(|| all.iter().find(|container| container.id.as_str().starts_with(wanted.as_str())));
            found.map(|container| Some(container.created_at)).ok_or_else(|| {
                Failure::not_found(format!("No such container: {wanted}"))
                    .hint(format!("--filter {key} wants a name or id"))
            })
        };
        Ok(Self {
            names: filters.patterns("name")?,
            ids: filters.patterns("id")?,
            ancestors: filters.values("ancestor").iter().filter_map(|name| image_id(name)).collect(),
            before: moment("before")?,
            since: moment("since")?,
            exited,
            statuses,
            published,
            tasks: filters.truth("is-task")? == Some(true),
            filters,
        })
    }

    /// Whether containers that do not run are wanted too, as `status` says.
    pub fn wants_all(&self) -> bool {
        !self.statuses.is_empty()
    }

    /// Whether a container is let through.
    pub fn matches(&self, container: &ContainerSnapshot) -> bool {
        let filters = &self.filters;
        let health = container.state.health.as_ref().map_or("none", |health| health.status.as_str());
        let id = container.id.as_str();
        one_matches(&self.names, &container.name)
            && one_matches(&self.ids, id)
            && filters.labels(&container.labels)
            && (self.statuses.is_empty() || self.statuses.contains(&container.state.status))
            && (self.exited.is_empty()
                || (container.state.status == Status::Exited
                    && self.exited.contains(&container.state.exit_code)))
            && filters.any("health", |wanted| wanted == health)
            && self.before.is_none_or(|moment| container.created_at < moment)
            && self.since.is_none_or(|moment| container.created_at > moment)
            && (!filters.has("ancestor") || self.has_ancestor(container))
            && filters.any("volume", |wanted| container.mounts.iter().any(|mount| mount == wanted))
            && filters.any("network", |wanted| container.networks.iter().any(|network| network == wanted))
            && self.publishes(container)
            && !self.tasks
            && filters.any("isolation", |wanted| wanted == "default")
    }

    fn has_ancestor(&self, container: &ContainerSnapshot) -> bool {
        self.ancestors.contains(&container.image_id)
            || self.filters.values("ancestor").iter().any(|wanted| {
                *wanted == container.image
                    || format!("{wanted}:latest") == container.image
                    || *wanted == container.image_id
            })
    }

    /// Docker counts a published port as exposed as well, so both keys look at the inner port.
    fn publishes(&self, container: &ContainerSnapshot) -> bool {
        self.published.is_empty()
            || container.ports.iter().any(|port| {
                let name = port.protocol.word();
                let publish = self.filters.has("publish");
                self.published.iter().any(|(number, protocol)| {
                    *protocol == name
                        && (*number == port.container_port || (publish && *number == port.host_port))
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;
    use teu_api::ContainerId;
    use teu_api::container::{ContainerState, PortProtocol, PublishedPort};

    fn container(number: u8, name: &str, status: Status) -> ContainerSnapshot {
        ContainerSnapshot {
            id: ContainerId::from_bytes([number; 32]),
            name: name.to_owned(),
            image: "demo/web:latest".to_owned(),
            image_id: "sha256:abc".to_owned(),
            args: Vec::new(),
            created_at: i64::from(number),
            state: ContainerState { status, exit_code: i32::from(number), ..ContainerState::default() },
            tty: false,
            labels: [("tier".to_owned(), "front".to_owned())].into(),
            ports: vec![PublishedPort {
                host_ip: String::new(),
                host_port: 8080,
                host_port_end: 0,
                container_port: 80,
                protocol: PortProtocol::Tcp,
            }],
            networks: vec!["bridge".to_owned()],
            mounts: vec!["data".to_owned(), "/srv".to_owned()],
        }
    }

    fn shown(texts: &[&str]) -> Result<Vec<String>, Failure> {
        let all = [
            container(1, "web", Status::Running),
            container(2, "webber", Status::Exited),
            container(3, "db", Status::Paused),
        ];
        let filter = ContainerFilter::new(&flags(texts), &all, &|name| {
            (name == "web-image").then(|| "sha256:abc".to_owned())
        })?;
        Ok(all
            .iter()
            .filter(|container| filter.matches(container))
            .map(|container| container.name.clone())
            .collect())
    }

    #[test]
    fn each_key_chooses() {
        for (texts, wanted) in [
            (&["name=web"][..], &["web", "webber"][..]),
            (&["name=^web$"], &["web"]),
            (&["name=web", "name=db"], &["web", "webber", "db"]),
            (&["name=web", "status=exited"], &["webber"]),
            (&["status=paused", "status=running"], &["web", "db"]),
            (&["exited=2"], &["webber"]),
            (&["exited=1"], &[]),
            (&["id=^0303"], &["db"]),
            (&["label=tier=front"], &["web", "webber", "db"]),
            (&["label=tier=back"], &[]),
            (&["before=webber"], &["web"]),
            (&["since=webber"], &["db"]),
            (&["ancestor=demo/web"], &["web", "webber", "db"]),
            (&["ancestor=web-image"], &["web", "webber", "db"]),
            (&["ancestor=other"], &[]),
            (&["volume=data"], &["web", "webber", "db"]),
            (&["volume=nothing"], &[]),
            (&["network=bridge", "health=none"], &["web", "webber", "db"]),
            (&["health=healthy"], &[]),
            (&["publish=8080"], &["web", "webber", "db"]),
            (&["expose=80/tcp"], &["web", "webber", "db"]),
            (&["expose=8080"], &[]),
            (&["publish=80/udp"], &[]),
        ] {
            assert_eq!(shown(texts).unwrap(), wanted, "{texts:?}");
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        for bad in
            ["status=up", "exited=x", "health=ill", "before=nobody", "name=(", "publish=x", "colour=red"]
        {
            assert!(shown(&[bad]).is_err(), "{bad}");
        }
    }
}
