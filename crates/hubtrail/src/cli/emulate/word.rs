//! Readers of the emulator's values, which the help lists as it reads them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::moment::{NotALength, length, length_ms};

/// A value parser for one of the emulator's enumerations of words.
macro_rules! word {
    ($words:ty) => {
        clap::builder::TypedValueParser::try_map(
            clap::builder::PossibleValuesParser::new(<$words>::ALL.iter().map(|word| word.as_str())),
            |text| text.parse::<$words>(),
        )
    };
}
pub(super) use word;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a share; write a number from 0 to 1, such as 0.05")]
pub(super) struct NotAShare;

pub(super) fn share(text: &str) -> Result<f64, NotAShare> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or(NotAShare)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write 0 for never, or a whole number above 1: every single answer would leave nothing to collect")]
pub(super) struct NotATurn;

pub(super) fn turn(text: &str) -> Result<u32, NotATurn> {
    text.parse().ok().filter(|every| *every != 1).ok_or(NotATurn)
}

/// A length of time as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length(pub(super) Duration);

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&length(i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Self, NotALength> {
        Ok(Self(Duration::from_millis(length_ms(text)?.unsigned_abs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_turns_that_leave_nothing_to_collect_are_refused() {
        assert_eq!(
            (share("0.25"), share("1"), share("1.01"), share("NaN")),
            (Ok(0.25), Ok(1.0), Err(NotAShare), Err(NotAShare))
        );
        assert_eq!((turn("0"), turn("1"), turn("7")), (Ok(0), Err(NotATurn), Ok(7)));
    }
}
