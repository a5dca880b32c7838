//! The `Link` header (RFC 8288) of paged lists.

use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};

/// The address of the next page, if there is one on the same registry.
pub(crate) fn next_page(headers: &HeaderMap, current: &Url) -> Option<Url> {
    let values = headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok());
    let target = values.flat_map(|value| value.split(",<")).find_map(|entry| {
        let (target, parameters) = entry.trim_start_matches([' ', '<']).split_once('>')?;
        let is_next = parameters.split(';').any(|p| matches!(p.trim(), "rel=\"next\"" | "rel=next"));
        is_next.then_some(target)
    })?;
    let next = current.join(target).ok()?;
    // Another host's page would be asked with this host's credentials; the same page would never end.
    (next.origin() == current.origin() && next != *current).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(link: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(LINK, link.parse().unwrap());
        next_page(&headers, &Url::parse("https://host/v2/_catalog?n=2").unwrap()).map(String::from)
    }

    #[test]
    fn only_next_pages_of_the_same_registry_are_followed() {
        let page = Some("https://host/v2/_catalog?last=b&n=2".to_owned());
        assert_eq!(next("</v2/_catalog?last=b&n=2>; rel=\"next\""), page);
        assert_eq!(next("<https://host/v2/_catalog?last=b&n=2>; rel=next"), page);
        assert_eq!(next("</x>; rel=\"prev\",</v2/_catalog?last=b&n=2>; rel=\"next\""), page);
        for none in [
            "<https://other/v2/_catalog>; rel=\"next\"",
            "</v2/_catalog?n=2>; rel=\"next\"",
            "</x>",
            "x",
            "<",
        ] {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
