//! `volume ls --filter`.

use super::{Filters, one_matches};
use teu_api::Failure;
use teu_api::volume::VolumeSnapshot;

/// The keys that Docker has for volumes.
const KEYS: [&str; 5] = ["dangling", "driver", "label", "name", "scope"];

/// Reads the flags into what decides about one volume.
pub fn volume_filter(texts: &[String]) -> Result<impl Fn(&VolumeSnapshot) -> bool, Failure> {
    let filters = Filters::parse(texts, &KEYS)?;
    let dangling = filters.truth("dangling")?;
    let names = filters.patterns("name")?;
    Ok(move |volume: &VolumeSnapshot| {
        one_matches(&names, &volume.name)
            && filters.any("driver", |wanted| wanted == volume.driver)
            && filters.any("scope", |wanted| wanted == "local")
            && filters.labels(&volume.labels)
            && dangling.is_none_or(|dangling| dangling == volume.containers.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;

    #[test]
    fn each_key_chooses() {
        let volume = VolumeSnapshot {
            name: "data".to_owned(),
            driver: "local".to_owned(),
            labels: [("a".to_owned(), "1".to_owned())].into(),
            ..VolumeSnapshot::default()
        };
        let holds = |texts: &[&str]| volume_filter(&flags(texts)).unwrap()(&volume);
        assert!(holds(&[]) && holds(&["name=da", "driver=local", "label=a", "dangling=true"]));
        assert!(
            !holds(&["name=x"])
                && !holds(&["driver=nfs"])
                && !holds(&["dangling=false"])
                && !holds(&["label=b"])
        );
        assert!(volume_filter(&flags(&["size=1"])).is_err());
    }
}
