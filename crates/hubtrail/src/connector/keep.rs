//! How long the events of an account are kept: as long as those of the others, unless it has a time of its own.

use std::fmt;
use std::str::FromStr;

use super::Invalid;
use crate::moment::length_ms;

const DAY_MS: i64 = 86_400_000;
/// A hundred years. What is to stay longer is to stay for ever.
const MOST_DAYS: u32 = 36_500;
const FIX: &str = "write default, forever, or whole days from 1d to 36500d, such as 400d";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// What the configuration says for all accounts.
    #[default]
    AsOthers,
    Forever,
    Days(u32),
}

impl Keep {
    /// None: for ever.
    #[must_use]
    pub const fn days(self, others: Option<u32>) -> Option<u32> {
        match self {
            Self::AsOthers => others,
            Self::Forever => None,
            Self::Days(days) => Some(days),
        }
    }

    pub(super) fn check(self) -> Result<(), Invalid> {
        match self {
            Self::Days(days) if !(1..=MOST_DAYS).contains(&days) => {
                Err(refused(format!("{days} days is outside of what makes sense")))
            }
            _ => Ok(()),
        }
    }
}

fn refused(reason: String) -> Invalid {
    Invalid { field: "retention", reason, fix: FIX }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsOthers => f.write_str("default"),
            Self::Forever => f.write_str("forever"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

impl FromStr for Keep {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        match text {
            "default" => Ok(Self::AsOthers),
            "forever" => Ok(Self::Forever),
            _ => {
                let whole = length_ms(text).ok().filter(|ms| ms % DAY_MS == 0);
                let days = whole.and_then(|ms| u32::try_from(ms / DAY_MS).ok());
                let days = days.ok_or_else(|| refused(format!("`{text}` is not a number of days")))?;
                let keep = Self::Days(days);
                keep.check().map(|()| keep)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_says_how_many_days() {
        for (text, keep, days) in [
            ("default", Keep::AsOthers, Some(90)),
            ("forever", Keep::Forever, None),
            ("400d", Keep::Days(400), Some(400)),
        ] {
            assert_eq!(text.parse(), Ok(keep));
            assert_eq!((keep.to_string().as_str(), keep.days(Some(90))), (text, days));
        }
        assert_eq!(" 2w ".parse(), Ok(Keep::Days(14)));
        assert_eq!("48h".parse(), Ok(Keep::Days(2)));
        assert_eq!(Keep::AsOthers.days(None), None);
    }

    #[test]
    fn what_is_no_number_of_days_is_refused_with_what_to_write() {
        for text in ["", "0d", "30", "-1d", "36h", "36501d", "99999999999d", "soon", "Forever"] {
            let refused = text.parse::<Keep>().unwrap_err();
            assert_eq!((refused.field, refused.fix), ("retention", FIX), "{text}");
        }
    }
}
