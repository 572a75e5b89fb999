//! When people work: zones, hours of the day, lunch, weekends, holidays and leave.

use jiff::Timestamp;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;

use super::dice::{Dice, mix};

/// Where a person works. The rules are written out because not every machine has a zone database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Berlin,
    London,
    NewYork,
    SanFrancisco,
    Bangalore,
    Tokyo,
    SaoPaulo,
    Dubai,
}

impl Zone {
    pub(super) const ALL: &[Self] = &[
        Self::Berlin,
        Self::London,
        Self::NewYork,
        Self::SanFrancisco,
        Self::Bangalore,
        Self::Tokyo,
        Self::SaoPaulo,
        Self::Dubai,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Berlin => "Europe/Berlin",
            Self::London => "Europe/London",
            Self::NewYork => "America/New_York",
            Self::SanFrancisco => "America/Los_Angeles",
            Self::Bangalore => "Asia/Kolkata",
            Self::Tokyo => "Asia/Tokyo",
            Self::SaoPaulo => "America/Sao_Paulo",
            Self::Dubai => "Asia/Dubai",
        }
    }

    const fn rule(self) -> &'static str {
        match self {
            Self::Berlin => "CET-1CEST,M3.5.0,M10.5.0/3",
            Self::London => "GMT0BST,M3.5.0/1,M10.5.0",
            Self::NewYork => "EST5EDT,M3.2.0,M11.1.0",
            Self::SanFrancisco => "PST8PDT,M3.2.0,M11.1.0",
            Self::Bangalore => "IST-5:30",
            Self::Tokyo => "JST-9",
            Self::SaoPaulo => "<-03>3",
            Self::Dubai => "<+04>-4",
        }
    }

    fn is_holiday(self, at: DateTime) -> bool {
        let fixed: &[(i8, i8)] = match self {
            Self::Berlin => &[(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)],
            Self::London => &[(1, 1), (12, 25), (12, 26)],
            Self::NewYork | Self::SanFrancisco => &[(1, 1), (6, 19), (7, 4), (12, 25)],
            Self::Bangalore => &[(1, 26), (8, 15), (10, 2), (12, 25)],
            Self::Tokyo => {
                &[(1, 1), (1, 2), (1, 3), (2, 11), (4, 29), (5, 3), (5, 4), (5, 5), (11, 3), (11, 23)]
            }
            Self::SaoPaulo => &[(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 15), (12, 25)],
            Self::Dubai => &[(1, 1), (12, 2), (12, 3)],
        };
        let monday = at.weekday() == Weekday::Monday;
        let moving = match (self, at.month()) {
            (Self::London, 5) => monday && (at.day() <= 7 || at.day() > 24),
            (Self::London, 8) => monday && at.day() > 24,
            (Self::NewYork | Self::SanFrancisco, 5) => monday && at.day() > 24,
            (Self::NewYork | Self::SanFrancisco, 9) => monday && at.day() <= 7,
            (Self::NewYork | Self::SanFrancisco, 11) => {
                matches!(at.weekday(), Weekday::Thursday | Weekday::Friday) && (22..=29).contains(&at.day())
            }
            _ => false,
        };
        moving || fixed.contains(&(at.month(), at.day()))
    }
}

/// What the clocks on the walls show.
#[derive(Clone, Debug)]
pub(super) struct WorldClock {
    zones: Vec<TimeZone>,
}

impl WorldClock {
    pub(super) fn new() -> Self {
        let zones =
            Zone::ALL.iter().map(|zone| TimeZone::posix(zone.rule()).unwrap_or(TimeZone::UTC)).collect();
        Self { zones }
    }

    fn local(&self, zone: Zone, at_ms: i64) -> DateTime {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        self.zones[zone as usize].to_datetime(at)
    }

    pub(super) fn day(&self, zone: Zone, at_ms: i64) -> LocalDay {
        let local = self.local(zone, at_ms);
        LocalDay { local, holiday: zone.is_holiday(local) }
    }

    /// The day of every zone, in the order of `Zone::ALL`: worked out once for everybody.
    pub(super) fn everywhere(&self, at_ms: i64) -> Vec<LocalDay> {
        Zone::ALL.iter().map(|zone| self.day(*zone, at_ms)).collect()
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct LocalDay {
    local: DateTime,
    holiday: bool,
}

/// How one person spreads work over the day and the week.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habit {
    pub(super) zone: Zone,
    /// Minutes after local midnight.
    start: i32,
    length: i32,
    lunch: i32,
    /// How much is done after hours, and at the weekend, of what is done in a working hour.
    evening: f64,
    weekend: f64,
    /// Decides the days of leave and illness.
    fate: u64,
}

impl Habit {
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    pub(super) fn new(dice: &mut Dice, zone: Zone, fate: u64) -> Self {
        let start = dice.between(450, 585) as i32;
        let night_owl = dice.chance(0.15);
        Self {
            zone,
            start,
            length: dice.between(480, 570) as i32,
            lunch: dice.between(710, 780) as i32,
            evening: if night_owl { 0.2 } else { 0.02 },
            weekend: if dice.chance(0.12) { 0.12 } else { 0.008 },
            fate,
        }
    }

    /// How busy the person is then: 1 in an ordinary working hour, close to 0 at night.
    pub(super) fn presence(&self, day: LocalDay) -> f64 {
        let LocalDay { local, holiday } = day;
        let minute = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let since_start = minute - self.start;
        let left = self.length - since_start;
        let of_day = if since_start < -45 || left < -210 {
            0.001 + self.evening * 0.02
        } else if since_start < 0 {
            0.1
        } else if left < 0 {
            self.evening
        } else if (self.lunch..self.lunch + 55).contains(&minute) {
            0.25
        } else if since_start < 40 || left < 50 {
            0.6
        } else {
            1.0
        };
        let of_week = match local.weekday() {
            Weekday::Saturday | Weekday::Sunday => self.weekend,
            Weekday::Friday if local.hour() >= 15 => 0.55,
            Weekday::Tuesday | Weekday::Wednesday => 1.1,
            _ => 1.0,
        };
        let of_year = match (local.month(), local.day()) {
            (12, 23..) | (1, ..=3) => 0.2,
            (8, _) => 0.8,
            _ => 1.0,
        };
        let free = if holiday || self.is_away(local) { 0.01 } else { 1.0 };
        of_day * of_week * of_year * free
    }

    /// Whole weeks of leave, single days of illness.
    fn is_away(&self, local: DateTime) -> bool {
        let day = local.date().duration_since(jiff::civil::date(1970, 1, 5)).as_hours() / 24;
        let day = day.unsigned_abs();
        mix(self.fate, day / 7) % 100 < 8 || mix(self.fate ^ 0xdead, day) % 100 < 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-06-10, a Wednesday.
    const WEDNESDAY_NOON_UTC: i64 = 1_781_092_800_000;

    #[test]
    fn every_zone_rule_is_understood_and_follows_daylight_saving() {
        let clock = WorldClock::new();
        for zone in Zone::ALL {
            assert!(TimeZone::posix(zone.rule()).is_ok(), "{}", zone.name());
        }
        assert_eq!(clock.local(Zone::Berlin, WEDNESDAY_NOON_UTC).hour(), 14);
        assert_eq!(clock.local(Zone::NewYork, WEDNESDAY_NOON_UTC).hour(), 8);
        let bangalore = clock.local(Zone::Bangalore, WEDNESDAY_NOON_UTC);
        assert_eq!((bangalore.hour(), bangalore.minute()), (17, 30));
        assert_eq!(clock.local(Zone::Berlin, WEDNESDAY_NOON_UTC + 184 * 86_400_000).hour(), 13);
    }

    #[test]
    fn work_is_done_in_daytime_on_weekdays_and_not_on_holidays() {
        let clock = WorldClock::new();
        let habit = Habit {
            zone: Zone::Berlin,
            start: 540,
            length: 510,
            lunch: 720,
            evening: 0.02,
            weekend: 0.01,
            fate: 12,
        };
        let at = |day: i64, hour: i64| {
            habit.presence(clock.day(Zone::Berlin, WEDNESDAY_NOON_UTC + (day * 24 + hour - 14) * 3_600_000))
        };
        assert!(at(0, 10) > 0.9);
        assert!(at(0, 12) < 0.5, "lunch");
        assert!(at(0, 3) < 0.01, "night");
        assert!(at(3, 10) < 0.05, "Saturday");
        assert!(at(115, 10) < 0.05, "3 October");
    }
}
