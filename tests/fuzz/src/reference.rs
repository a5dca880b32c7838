//! Names of images.
#![allow(clippy::expect_used, reason = "a check that cannot go on says so by failing")]

use teu_store::Reference;

/// A name that is read is the same name when it is written, in full and as users write it, and holds nothing that a
/// path, an address or a terminal would take for more than a name.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let reference = match Reference::parse(text) {
        Ok(reference) => reference,
        Err(error) => {
            assert!(!error.to_string().chars().any(char::is_control), "control characters in {error:?}");
            return;
        }
    };
    for written in [reference.to_string(), reference.familiar()] {
        assert_eq!(Reference::parse(&written).as_ref().ok(), Some(&reference), "{written} is another name");
    }
    let full = reference.to_string();
    assert!(full.bytes().all(|b| b.is_ascii_graphic()), "{full:?}");
    for part in reference.path().split('/').chain(reference.tag()) {
        assert!(!part.is_empty() && part != "." && part != "..", "{full:?}");
    }
    let tagged = Reference::parse_tagged(text).expect("what is a name is one with a tag");
    assert!(tagged.tag().is_some() || tagged.digest().is_some());
    // What a registry is asked for is what was typed.
    if let Ok(remote) = teu_registry::Reference::try_from(&tagged) {
        assert!(remote.to_string().starts_with(&reference.repository()), "{remote} for {reference}");
    }
}
