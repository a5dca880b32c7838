//! `teu search`.

use super::{Outcome, print};
use crate::arguments::SearchArguments;
use crate::filter::Filters;
use crate::output::{Format, Row, ellipsis};
use teu_api::Failure;
use teu_core::images::account;

/// How many are shown when nothing is said: Docker's number.
const LIMIT: u32 = 25;
/// The longest description in the table, in columns.
const DESCRIPTION: usize = 45;
const USUAL: &str = "{{.Name}}\\t{{.Description}}\\t{{.StarCount}}\\t{{.IsOfficial}}";
const HEADINGS: [(&str, &str); 5] = [
    ("Name", "NAME"),
    ("Description", "DESCRIPTION"),
    ("StarCount", "STARS"),
    ("IsOfficial", "OFFICIAL"),
    ("IsAutomated", "AUTOMATED"),
];

/// Looks for images in a registry.
pub fn run(arguments: &SearchArguments) -> Outcome {
    let filters = Filters::parse(&arguments.filter, &["is-automated", "is-official", "stars"])?;
    let official = filters.truth("is-official")?;
    let automated = filters.truth("is-automated")?;
    let mut stars = 0;
    for value in filters.values("stars") {
        let wrong =
            || Failure::usage(format!("invalid filter 'stars={value}'")).hint("write a number, as stars=3");
        stars = stars.max(value.parse::<u64>().map_err(|_| wrong())?);
    }
    let format = Format::parse(arguments.format.as_deref(), USUAL, None)?;
    let limit = match arguments.limit {
        None | Some(0) => LIMIT,
        Some(limit @ 1..=100) => limit,
        Some(limit) => {
            return Err(Failure::usage(format!("limit {limit} is outside the range of [1, 100]"))
                .hint("write --limit 100"));
        }
    };
    let found = account::search(&arguments.term, limit as usize)?;
    let rows: Vec<Row> = found
        .iter()
        .filter(|found| found.stars >= stars && official.is_none_or(|wanted| wanted == found.official))
        // No registry builds images by itself any more.
        .filter(|_| automated != Some(true))
        .take(limit as usize)
        .map(|found| {
            let description = if arguments.no_trunc {
                found.description.as_str().into()
            } else {
                ellipsis(&found.description, DESCRIPTION)
            };
            Row::new([
                ("Name", found.name.clone()),
                ("Description", description.into_owned()),
                ("StarCount", found.stars.to_string()),
                ("IsOfficial", if found.official { "[OK]".to_owned() } else { String::new() }),
                ("IsAutomated", String::new()),
            ])
        })
        .collect();
    print(&format.render(&HEADINGS, &rows)?)?;
    Ok(0)
}
