//! Flags that scripts for Docker give, and that change nothing of the image: what is passed over is said.

use crate::arguments::BuildArguments;

/// What is not done, in a sentence each.
pub fn passed_over(arguments: &BuildArguments) -> Vec<String> {
    let mut told = Vec::new();
    if !arguments.cache_from.is_empty() {
        told.push("--cache-from is passed over: steps are taken from this machine's cache alone".to_owned());
    }
    if !arguments.cache_to.is_empty() {
        told.push("--cache-to is passed over: the cache stays on this machine".to_owned());
    }
    let is_wanted =
        |text: &&String| !matches!(text.as_str(), "false" | "0") && !text.contains("disabled=true");
    let attestations =
        arguments.provenance.iter().chain(&arguments.sbom).chain(&arguments.attest).filter(is_wanted);
    if attestations.count() > 0 {
        told.push("no attestations are made".to_owned());
    }
    for (flag, is_given) in [
        ("--compress", arguments.compress),
        ("--isolation", arguments.isolation.is_some()),
        ("--security-opt", !arguments.security_opt.is_empty()),
        ("--squash", arguments.squash),
    ] {
        if is_given {
            told.push(format!("{flag} is not heeded: it means nothing to BuildKit either"));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_told() {
        let mut arguments =
            BuildArguments { provenance: Some("false".to_owned()), ..BuildArguments::default() };
        arguments.attest = vec!["type=sbom,disabled=true".to_owned()];
        assert_eq!(passed_over(&arguments), [""; 0]);
        arguments.sbom = Some("true".to_owned());
        arguments.compress = true;
        assert_eq!(passed_over(&arguments).len(), 2);
    }
}
