//! `images --filter`.

use super::{Filters, glob};
use crate::arguments::values::{timestamp, wrong};
use jiff::tz::TimeZone;
use teu_api::Failure;
use teu_api::image::ImageSnapshot;

/// The keys that Docker has for images.
const KEYS: [&str; 7] = ["before", "containers", "dangling", "label", "reference", "since", "until"];

/// Which images `images` shows.
#[derive(Debug)]
pub struct ImageFilter {
    filters: Filters,
    dangling: Option<bool>,
    before: Option<i64>,
    since: Option<i64>,
}

/// One line of the list: an image under one of its names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListedImage<'a> {
    /// The image.
    pub image: &'a ImageSnapshot,
    /// The name it is listed under; `None` for a dangling image.
    pub tag: Option<&'a str>,
}

impl ImageFilter {
    /// Reads the flags. `all` is every image, to find those of `before` and `since` in; `now` is nanoseconds since
    /// the Unix epoch; `reference` is the argument of `images`.
    pub fn new(
        texts: &[String],
        reference: Option<&str>,
        all: &[ImageSnapshot],
        now: i64,
    ) -> Result<Self, Failure> {
        let mut texts = texts.to_vec();
        texts.extend(reference.map(|reference| format!("reference={reference}")));
        let filters = Filters::parse(&texts, &KEYS)?;
        if let Some(value) = filters.values("containers").first() {
            return Err(wrong(
                format!("invalid filter 'containers={value}'"),
                "use teu ps --filter ancestor=IMAGE",
            ));
        }
        let moment = |key: &str| -> Result<Option<i64>, Failure> {
            let Some(wanted) = filters.values(key).first() else { return Ok(None) };
            let named = |image: &&ImageSnapshot| {
                image.tags.iter().any(|tag| tag == wanted || *tag == format!("{wanted}:latest"))
                    || image.id == *wanted
                    || image
                        .id
                        .strip_prefix("sha256:")
                        .is_some_and(|digits| digits.starts_with(wanted.as_str()))
            };
            all.iter().find(named).map(|image| Some(image.created_at.unwrap_or_default())).ok_or_else(|| {
                Failure::not_found(format!("No such image: {wanted}"))
                    .hint(format!("--filter {key} wants a name or id"))
            })
        };
        let mut before = moment("before")?;
        for value in filters.values("until") {
            let until = timestamp::parse(value, now, &TimeZone::system())?;
            before = Some(before.map_or(until, |other| other.min(until)));
        }
        Ok(Self { dangling: filters.truth("dangling")?, before, since: moment("since")?, filters })
    }

    /// The lines that are let through, in the order of the images and their names.
    pub fn lines<'a>(&self, images: &'a [ImageSnapshot]) -> Vec<ListedImage<'a>> {
        let mut lines = Vec::new();
        for image in images.iter().filter(|image| self.holds(image)) {
            if image.tags.is_empty() {
                if !self.filters.has("reference") {
                    lines.push(ListedImage { image, tag: None });
                }
                continue;
            }
            let shown =
                image.tags.iter().filter(|tag| self.filters.any("reference", |wanted| refers(wanted, tag)));
            lines.extend(shown.map(|tag| ListedImage { image, tag: Some(tag) }));
        }
        lines
    }

    fn holds(&self, image: &ImageSnapshot) -> bool {
        let created = image.created_at.unwrap_or_default();
        self.filters.labels(&image.labels)
            && self.dangling.is_none_or(|dangling| dangling == image.tags.is_empty())
            && self.before.is_none_or(|moment| created < moment)
            && self.since.is_none_or(|moment| created > moment)
    }
}

/// Whether a pattern means this name: with its tag or without.
fn refers(pattern: &str, tag: &str) -> bool {
    let repository = match tag.rsplit_once(':') {
        Some((repository, rest)) if !rest.contains('/') => repository,
        _ => tag,
    };
    glob::matches(pattern, tag) || glob::matches(pattern, repository)
}

#[cfg(test)]
mod tests {
    use super::super::tests::flags;
    use super::*;

    fn image(number: i64, tags: &[&str]) -> ImageSnapshot {
        ImageSnapshot {
            id: format!("sha256:{number}{number}"),
            manifest_digest: String::new(),
            tags: flags(tags),
            created_at: Some(number * 1_000_000_000),
            size: 0,
            unique: 0,
            containers: 0,
            labels: [("n".to_owned(), number.to_string())].into(),
        }
    }

    fn shown(texts: &[&str], reference: Option<&str>) -> Result<Vec<String>, Failure> {
        let all =
            [image(1, &["alpine:3.20", "alpine:latest"]), image(2, &["demo/web:latest"]), image(3, &[])];
        let filter = ImageFilter::new(&flags(texts), reference, &all, 10_000_000_000)?;
        Ok(filter.lines(&all).into_iter().map(|line| line.tag.unwrap_or("<none>").to_owned()).collect())
    }

    #[test]
    fn each_key_chooses() {
        for (texts, reference, wanted) in [
            (&[][..], None, &["alpine:3.20", "alpine:latest", "demo/web:latest", "<none>"][..]),
            (&["dangling=true"], None, &["<none>"]),
            (&["dangling=false", "label=n=2"], None, &["demo/web:latest"]),
            (&["reference=alp*:3*"], None, &["alpine:3.20"]),
            (&[], Some("alpine"), &["alpine:3.20", "alpine:latest"]),
            (&[], Some("*/web"), &["demo/web:latest"]),
            (&["before=demo/web"], None, &["alpine:3.20", "alpine:latest"]),
            (&["since=alpine:3.20"], None, &["demo/web:latest", "<none>"]),
            (&["since=22"], None, &["<none>"]),
            (&["until=8s"], None, &["alpine:3.20", "alpine:latest"]),
        ] {
            assert_eq!(shown(texts, reference).unwrap(), wanted, "{texts:?} {reference:?}");
        }
    }

    #[test]
    fn wrong_values_are_refused() {
        for bad in ["dangling=maybe", "before=nothing", "until=later", "name=x"] {
            assert!(shown(&[bad], None).is_err(), "{bad}");
        }
    }
}
