//! At which hours of the week something happens, on the clocks of a time zone.

use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use super::Search;
use crate::store::{Store, StoreError};

const HOUR_MS: i64 = 3_600_000;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Week {
    /// From Monday on, each from midnight on.
    pub hours: [[u64; 24]; 7],
    /// Nothing earlier than this was counted, because there was too much.
    pub since: Option<UtcMs>,
}

impl Week {
    #[must_use]
    pub fn total(&self) -> u64 {
        self.hours.iter().flatten().sum()
    }

    #[must_use]
    pub fn busiest(&self) -> u64 {
        self.hours.iter().flatten().copied().max().unwrap_or_default()
    }

    fn add(&mut self, hour: UtcMs, zone: &TimeZone, entries: u64) {
        let at = hour.to_timestamp().to_zoned(zone.clone());
        let day = usize::try_from(at.weekday().to_monday_zero_offset()).unwrap_or_default();
        let clock = usize::try_from(at.hour()).unwrap_or_default();
        if let Some(cell) = self.hours.get_mut(day).and_then(|day| day.get_mut(clock)) {
            *cell += entries;
        }
    }
}

impl Store {
    /// The search's range is to consist of whole hours. At most `most` entries are counted one by one; its order
    /// and limit are ignored.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn week(&self, search: &Search, zone: &TimeZone, most: u64) -> Result<Week, StoreError> {
        let spread = self.spread(search, HOUR_MS, most)?;
        let mut week = Week { since: spread.since, ..Week::default() };
        spread.steps.into_iter().for_each(|(hour, entries)| week.add(hour, zone, entries));
        Ok(week)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_that_of_the_clocks_on_the_wall() {
        let mut week = Week::default();
        // Sunday, 10 March 2024, 23:00 UTC, which is Monday in Berlin.
        let hour = UtcMs(1_710_111_600_000);
        week.add(hour, &TimeZone::UTC, 2);
        week.add(hour, &TimeZone::get("Europe/Berlin").unwrap(), 3);
        assert_eq!((week.hours[6][23], week.hours[0][0]), (2, 3));
        assert_eq!((week.total(), week.busiest()), (5, 3));
    }
}
