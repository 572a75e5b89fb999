//! A summary for those who do not want to be called, or want to know that all is well.

use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use super::channel::{Digest, Settings};
use super::story::{Item, Story};
use super::{Channel, Thread};
use crate::status::{self, ConnectorStatus};
use crate::store::{FindingSearch, KeptFinding, Note, Store, StoreError};

const MORNING: Time = Time::constant(8, 0, 0, 0);
/// A service that was down tells the last one all the same, unless it is older than this.
const STILL_MS: i64 = 12 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;
const MOST_NAMED: usize = 8;
/// Findings that are counted; a month within any budget has far fewer.
const MOST_COUNTED: usize = 1_000;

/// The digest that is due, and from when on it tells; none: it is not time.
fn due_at(settings: &Settings, now: UtcMs) -> Option<(UtcMs, UtcMs)> {
    let zone = settings.pace.quiet.as_ref().and_then(|quiet| TimeZone::get(&quiet.zone).ok());
    let local = now.to_timestamp().to_zoned(zone.unwrap_or(TimeZone::UTC));
    let morning = local.date().to_datetime(MORNING).to_zoned(local.time_zone().clone()).ok()?;
    let at = UtcMs::from(morning.timestamp());
    let days = match settings.route.digest {
        Digest::None => return None,
        Digest::Daily => 1,
        Digest::Weekly if local.weekday() == Weekday::Monday => 7,
        Digest::Weekly => return None,
    };
    (0..STILL_MS).contains(&now.since(at)).then(|| (at, at.minus(days * DAY_MS)))
}

/// Makes the digests that are due, unless they were made before.
///
/// # Errors
/// When the log cannot be read or written.
pub fn make(store: &Store, channels: &[Channel], now: UtcMs) -> Result<(), StoreError> {
    for channel in channels {
        let Some((at, from)) = due_at(&channel.settings, now) else { continue };
        let thread = Thread::Digest(at);
        if channel.created_at > at || store.has_message(channel.id, &thread)? {
            continue;
        }
        let accounts = Some(channel.settings.route.accounts.clone()).filter(|accounts| !accounts.is_empty());
        let search = FindingSearch {
            connectors: accounts.clone(),
            hidden: Some(false),
            after: Some(from),
            before: Some(at),
            limit: MOST_COUNTED,
            ..FindingSearch::default()
        };
        let findings = store.findings(&search)?;
        let states = status::all(store, now, accounts.as_deref())?;
        let story = story(&findings, &states, from, at);
        let notes = story.items.into_iter().map(|item| Note {
            channel: channel.id,
            thread: thread.clone(),
            about: story.about.clone(),
            who: String::new(),
            item,
        });
        store.note_alerts(notes.collect(), None, now)?;
    }
    Ok(())
}

/// What happened between two moments, and how each account is.
fn story(findings: &[KeptFinding], accounts: &[ConnectorStatus], from: UtcMs, to: UtcMs) -> Story {
    let mut story = Story::new("Hubtrail".to_owned(), String::new());
    let item = |key: String, title: String, text: String, path: String| Item {
        key,
        severity: Severity::Informational,
        title,
        text,
        fix: String::new(),
        at: to,
        path,
        over: None,
    };
    let by_severity: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| (findings.iter().filter(|kept| kept.finding.severity == *severity).count(), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}"))
        .collect();
    let counted =
        if by_severity.is_empty() { "nothing was found".to_owned() } else { by_severity.join(", ") };
    let title = format!("{} findings since {from}", findings.len());
    story.take(item("summary".to_owned(), title, counted, "findings".to_owned()));
    let mut worst: Vec<&KeptFinding> = findings.iter().collect();
    worst.sort_by_key(|kept| (std::cmp::Reverse(kept.finding.severity), kept.finding.time));
    for kept in worst.into_iter().take(MOST_NAMED) {
        let finding = &kept.finding;
        let title = format!("{}: {}", finding.severity, finding.title);
        let text = format!("{} ({})", finding.reason, kept.status.as_str());
        story.take(item(finding.id.to_string(), title, text, format!("findings/{}", finding.id)));
    }
    for status in accounts {
        let title = format!("{}: {}", status.connector, status.label);
        let text = format!("{} events in the log. {}", status.total, harmless(&status.reason));
        let path = format!("connectors/{}", status.connector);
        story.take(item(format!("account {}", status.connector_id), title, text, path));
    }
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::{Pace, Quiet, Route, Service};

    fn settings(digest: Digest, zone: &str) -> Settings {
        let quiet = Quiet { from: "22:00".to_owned(), to: "07:00".to_owned(), zone: zone.to_owned() };
        Settings {
            name: "team".to_owned(),
            service: Service::Teams {},
            route: Route { digest, ..Route::default() },
            pace: Pace { quiet: Some(quiet), ..Pace::default() },
        }
    }

    #[test]
    fn it_is_due_in_the_morning_of_its_zone_and_weekly_on_mondays() {
        let at = |text: &str| text.parse::<UtcMs>().unwrap();
        let due = |digest, now: &str| due_at(&settings(digest, "Europe/Berlin"), at(now)).map(|(at, _)| at);
        // 2026-03-02 is a Monday.
        assert_eq!(due(Digest::Daily, "2026-03-02T06:59:59Z"), None);
        assert_eq!(due(Digest::Daily, "2026-03-02T07:00:00Z"), Some(at("2026-03-02T07:00:00Z")));
        assert_eq!(due(Digest::Daily, "2026-03-02T20:00:00Z"), None);
        assert_eq!(due(Digest::Weekly, "2026-03-02T08:00:00Z"), Some(at("2026-03-02T07:00:00Z")));
        assert_eq!(due(Digest::Weekly, "2026-03-03T08:00:00Z"), None);
        assert_eq!(due(Digest::None, "2026-03-02T08:00:00Z"), None);
    }

    #[test]
    fn a_day_without_findings_says_so() {
        let story = story(&[], &[], UtcMs(0), UtcMs(DAY_MS));
        assert_eq!(story.items.len(), 1);
        assert!(story.items[0].text.contains("nothing was found"));
    }
}
