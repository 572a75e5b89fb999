//! An address on the web as somebody wrote it. What is wrong with it is told in words, and never repeats it: it may hold a
//! password.

pub(crate) mod link;

use url::{ParseError, Url};

/// # Errors
/// With what is wrong, lower-case and open, as part of a longer text.
pub(crate) fn read(text: &str) -> Result<Url, &'static str> {
    Url::parse(text.trim()).map_err(|error| match error {
        ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase => {
            "it is not a complete address: https:// is missing in front"
        }
        ParseError::EmptyHost => "it is not a complete address: the name of the host is missing",
        ParseError::InvalidPort => "its port is not a number from 1 to 65535",
        ParseError::InvalidIpv4Address | ParseError::InvalidIpv6Address => {
            "its host looks like an IP address, but there is none like it"
        }
        ParseError::IdnaError | ParseError::InvalidDomainCharacter => {
            "the name of its host holds a character that no host has"
        }
        _ => "it is not an address",
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_wrong_is_said_in_words_and_repeats_nothing() {
        for (text, said) in [
            ("hooks.example.org/hunter2", "https:// is missing"),
            ("", "https:// is missing"),
            ("https://", "host is missing"),
            ("https://example.org:hunter2/", "port"),
            ("https://example.org:99999/", "port"),
            ("https://300.1.1.1/", "IP address"),
            ("https://[hunter2]/", "IP address"),
            ("https://hunter2 example.org/", "character"),
        ] {
            let error = super::read(text).unwrap_err();
            assert!(error.contains(said) && !error.contains("hunter2"), "{text}: {error}");
        }
        assert_eq!(super::read(" https://example.org ").unwrap().as_str(), "https://example.org/");
    }
}
