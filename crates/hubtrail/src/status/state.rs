//! The states a stream can be in, as a word for programs. The label for people may say more.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// HubSpot answers, and what it has is in the log. Whether anything happened does not matter.
    Active,
    /// New events arrive, and there is history to come.
    Backfilling,
    /// Something stands in the way that nobody here can mend; it is tried again.
    Delayed,
    /// A limit is used up, and it is known when it is free again.
    Waiting,
    /// A person must do something.
    ActionNeeded,
    /// A person paused it.
    Paused,
    /// Nobody collects it.
    Inactive,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state; the states are {all}", all = State::ALL.map(State::as_str).join(", "))]
pub struct NotAState(String);

impl State {
    pub const ALL: [Self; 7] = [
        Self::Active,
        Self::Backfilling,
        Self::Delayed,
        Self::Waiting,
        Self::ActionNeeded,
        Self::Paused,
        Self::Inactive,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Backfilling => "backfilling",
            Self::Delayed => "delayed",
            Self::Waiting => "waiting",
            Self::ActionNeeded => "action_needed",
            Self::Paused => "paused",
            Self::Inactive => "inactive",
        }
    }

    /// Whether events arrive as they happen.
    #[must_use]
    pub const fn is_well(self) -> bool {
        matches!(self, Self::Active | Self::Backfilling)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = NotAState;

    fn from_str(text: &str) -> Result<Self, NotAState> {
        let word = text.trim().to_lowercase().replace(['-', ' '], "_");
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or_else(|| NotAState(text.to_owned()))
    }
}
