//! When people are told: together rather than one by one, not more often than they want, and not at night
//! unless it is critical. Time is an argument.

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::story::News;
use crate::connector::Invalid;

const MINUTE_MS: i64 = 60_000;
pub(super) const HOUR_MS: i64 = 60 * MINUTE_MS;

/// How often, and when not
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Pace {
    /// How long the first message waits for what belongs to it. What is critical does not wait.
    #[schema(maximum = 3600)]
    pub gather_seconds: u32,
    /// A message that was sent is not updated more often than this, unless it takes a turn.
    #[schema(maximum = 1440)]
    pub update_minutes: u32,
    /// New messages an hour; what is beyond waits and becomes one. What is critical is not counted.
    #[schema(minimum = 1, maximum = 1000)]
    pub per_hour: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
}

impl Default for Pace {
    fn default() -> Self {
        Self { gather_seconds: 60, update_minutes: 15, per_hour: 10, quiet: None }
    }
}

/// Hours in which only what is critical is told; the rest waits for their end
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    #[schema(example = "22:00")]
    pub from: String,
    /// On the next day, when it is earlier.
    #[schema(example = "07:00")]
    pub to: String,
    #[schema(example = "Europe/Berlin")]
    pub zone: String,
}

impl Pace {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        let refuse = |field, reason: String, fix| Err(Invalid { field, reason, fix });
        if self.gather_seconds > 3_600 {
            return refuse("pace.gatherSeconds", "it is more than an hour".to_owned(), "use 0 to 3600");
        }
        if self.update_minutes > 1_440 {
            return refuse("pace.updateMinutes", "it is more than a day".to_owned(), "use 0 to 1440");
        }
        if self.per_hour == 0 || self.per_hour > 1_000 {
            return refuse("pace.perHour", format!("{} is out of range", self.per_hour), "use 1 to 1000");
        }
        let Some(quiet) = &self.quiet else { return Ok(()) };
        if TimeZone::get(&quiet.zone).is_err() {
            let reason = format!("`{}` is no time zone", quiet.zone);
            return refuse("pace.quiet.zone", reason, "write it as Europe/Berlin, or UTC");
        }
        for time in [&quiet.from, &quiet.to] {
            if time.parse::<Time>().is_err() {
                return refuse("pace.quiet", format!("`{time}` is no time of day"), "write it as 22:00");
            }
        }
        if quiet.from == quiet.to {
            return refuse("pace.quiet", "it would never end".to_owned(), "pause the channel instead");
        }
        Ok(())
    }

    /// When a message is due that has something new to tell. `told_at` is when it was last sent, if it was.
    #[must_use]
    pub fn due(&self, news: News, severity: Severity, told_at: Option<UtcMs>, now: UtcMs) -> UtcMs {
        let critical = severity == Severity::Critical;
        let at = match (told_at, news) {
            (None, _) if critical => now,
            (None, _) => now.plus(i64::from(self.gather_seconds) * 1_000),
            (Some(_), News::Turn) => now,
            (Some(told_at), _) => now.max(told_at.plus(i64::from(self.update_minutes) * MINUTE_MS)),
        };
        if critical { at } else { self.after_quiet(at) }
    }

    /// The moment itself, or the end of the quiet hours that it falls into.
    #[must_use]
    pub fn after_quiet(&self, at: UtcMs) -> UtcMs {
        self.quiet.as_ref().and_then(|quiet| quiet.end(at)).unwrap_or(at)
    }

    /// When there is room for another new message; `sent` are those of the last hour, oldest first.
    #[must_use]
    pub fn room(&self, sent: &[UtcMs], now: UtcMs) -> UtcMs {
        let most = self.per_hour as usize;
        match sent.len().checked_sub(most) {
            Some(over) => sent[over].plus(HOUR_MS).max(now),
            None => now,
        }
    }
}

impl Quiet {
    /// None: it is not quiet then.
    fn end(&self, at: UtcMs) -> Option<UtcMs> {
        let zone = TimeZone::get(&self.zone).ok()?;
        let (from, to): (Time, Time) = (self.from.parse().ok()?, self.to.parse().ok()?);
        let local = at.to_timestamp().to_zoned(zone.clone());
        let time = local.time();
        let (quiet, tomorrow) = if from < to {
            (from <= time && time < to, false)
        } else {
            (time >= from || time < to, time >= from)
        };
        let day = if tomorrow { local.date().tomorrow().ok()? } else { local.date() };
        let end = day.to_datetime(to).to_zoned(zone).ok()?;
        quiet.then(|| UtcMs::from(end.timestamp()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UtcMs = UtcMs(1_772_452_800_000); // 2026-03-02T12:00:00Z

    fn nightly() -> Pace {
        let quiet =
            Quiet { from: "22:00".to_owned(), to: "07:00".to_owned(), zone: "Europe/Berlin".to_owned() };
        Pace { quiet: Some(quiet), ..Pace::default() }
    }

    #[test]
    fn a_first_message_gathers_an_update_waits_and_a_turn_does_not() {
        let pace = Pace::default();
        let due = |news, severity, told| pace.due(news, severity, told, NOON).since(NOON);
        assert_eq!(due(News::Turn, Severity::High, None), 60_000);
        assert_eq!(due(News::Turn, Severity::Critical, None), 0);
        let told = Some(NOON.minus(5 * MINUTE_MS));
        assert_eq!(due(News::Detail, Severity::High, told), 10 * MINUTE_MS);
        assert_eq!(due(News::Detail, Severity::High, Some(NOON.minus(HOUR_MS))), 0);
        assert_eq!(due(News::Turn, Severity::High, told), 0);
    }

    #[test]
    fn quiet_hours_hold_back_all_but_what_is_critical_and_know_the_zone() {
        let pace = nightly();
        let at = |text: &str| text.parse::<UtcMs>().unwrap();
        // Berlin is an hour ahead in March, and two from the 29th on.
        for (time, told) in [
            ("2026-03-02T20:59:00Z", "2026-03-02T20:59:00Z"),
            ("2026-03-02T21:00:00Z", "2026-03-03T06:00:00Z"),
            ("2026-03-03T05:59:59Z", "2026-03-03T06:00:00Z"),
            ("2026-03-03T06:00:00Z", "2026-03-03T06:00:00Z"),
            ("2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z"),
        ] {
            assert_eq!(pace.after_quiet(at(time)), at(told), "{time}");
        }
        let night = at("2026-03-02T23:00:00Z");
        assert_eq!(pace.due(News::Turn, Severity::Critical, None, night), night);
        assert_eq!(pace.due(News::Turn, Severity::High, None, night), at("2026-03-03T06:00:00Z"));
        let siesta = Quiet { from: "12:00".to_owned(), to: "14:00".to_owned(), zone: "UTC".to_owned() };
        let pace = Pace { quiet: Some(siesta), ..Pace::default() };
        assert_eq!(pace.after_quiet(NOON), NOON.plus(2 * HOUR_MS));
        assert_eq!(pace.after_quiet(NOON.minus(1)), NOON.minus(1));
    }

    #[test]
    fn there_is_room_for_so_many_in_any_hour() {
        let pace = Pace { per_hour: 3, ..Pace::default() };
        let sent =
            |ago: &[i64]| ago.iter().map(|minutes| NOON.minus(minutes * MINUTE_MS)).collect::<Vec<_>>();
        assert_eq!(pace.room(&sent(&[50, 10]), NOON), NOON);
        assert_eq!(pace.room(&sent(&[50, 10, 5]), NOON), NOON.plus(10 * MINUTE_MS));
        assert_eq!(pace.room(&sent(&[58, 50, 10, 5]), NOON), NOON.plus(10 * MINUTE_MS));
    }

    #[test]
    fn what_cannot_be_is_refused_by_field() {
        let quiet = |from: &str, to: &str, zone: &str| Pace {
            quiet: Some(Quiet { from: from.to_owned(), to: to.to_owned(), zone: zone.to_owned() }),
            ..Pace::default()
        };
        assert!(nightly().check().is_ok());
        assert_eq!(quiet("22:00", "07:00", "Mars").check().unwrap_err().field, "pace.quiet.zone");
        assert_eq!(quiet("25:00", "07:00", "UTC").check().unwrap_err().field, "pace.quiet");
        assert_eq!(quiet("07:00", "07:00", "UTC").check().unwrap_err().field, "pace.quiet");
        assert!(Pace { per_hour: 0, ..Pace::default() }.check().is_err());
    }
}
