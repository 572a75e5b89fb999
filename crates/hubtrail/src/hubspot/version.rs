//! The versions of HubSpot's API that we speak, and where each serves a stream.
//!
//! HubSpot ends a dated version after 18 months and `v3` in September 2027:
//! <https://developers.hubspot.com/docs/developer-tooling/platform/versioning>.

use std::fmt;
use std::str::FromStr;

use hubtrail_core::stream::Stream;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ApiVersion {
    #[default]
    V3,
    V2025_09,
    V2026_03,
    V2026_09,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no version of the API that we know: use v3, 2025-09, 2026-03 or 2026-09")]
pub struct NotAVersion(String);

impl ApiVersion {
    /// The order in which versions are tried when the configured one is gone.
    pub const NEWEST_FIRST: [Self; 4] = [Self::V2026_09, Self::V2026_03, Self::V2025_09, Self::V3];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V3 => "v3",
            Self::V2025_09 => "2025-09",
            Self::V2026_03 => "2026-03",
            Self::V2026_09 => "2026-09",
        }
    }

    /// Where this version serves the pages of a stream.
    #[must_use]
    pub fn path(self, stream: Stream) -> String {
        match (stream, self) {
            (Stream::Content, Self::V3) => "/cms/v3/audit-logs/".to_owned(),
            (Stream::Content, dated) => format!("/cms/audit-logs/{dated}"),
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ApiVersion {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let known = Self::NEWEST_FIRST.into_iter().find(|version| version.as_str() == text);
        known.ok_or_else(|| NotAVersion(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_name_and_its_path() {
        for version in ApiVersion::NEWEST_FIRST {
            assert_eq!(version.as_str().parse(), Ok(version));
        }
        assert_eq!(ApiVersion::default().path(Stream::Content), "/cms/v3/audit-logs/");
        assert_eq!(ApiVersion::V2026_09.path(Stream::Content), "/cms/audit-logs/2026-09");
        assert!("v4".parse::<ApiVersion>().unwrap_err().to_string().contains("2026-09"));
    }
}
