//! Which activity endpoint of HubSpot a record comes from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One HubSpot activity endpoint. Endpoints are data: there is one loop for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// CMS content audit: `/cms/v3/audit-logs/`.
    Content,
}

impl Stream {
    pub const ALL: [Self; 1] = [Self::Content];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Content => "content",
        }
    }

    /// The number under which the log stores this stream; never reused.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Content => 1,
        }
    }

    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.code() == code)
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
