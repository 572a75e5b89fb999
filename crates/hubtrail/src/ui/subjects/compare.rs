//! What is usual beside what is so now, in a sentence and in lines.

use hubtrail_core::sentence::{noun, verb};

use crate::profile::{Companion, Habits, KindCount, NOW_DAYS};
use crate::ui::deed::Deed;
use crate::ui::heat::Heat;
use crate::ui::when::grouped;

/// Below so many events, more or fewer of them mean nothing.
const FEW: u64 = 5;
const OFTEN: f64 = 2.0;

/// One type of event or object.
pub(super) struct Line {
    pub(super) word: String,
    pub(super) deed: Option<Deed>,
    /// A week, on average.
    pub(super) usual: String,
    pub(super) now: u64,
    pub(super) new: bool,
}

fn per_week(habits: &Habits, entries: u64) -> f64 {
    let days = habits.to.since(habits.since.unwrap_or(habits.from)) as f64 / 86_400_000.0;
    if days <= 0.0 { 0.0 } else { entries as f64 / days * NOW_DAYS as f64 }
}

fn short(n: f64) -> String {
    if n == 0.0 {
        "none".to_owned()
    } else if n < 0.95 {
        "under 1".to_owned()
    } else {
        grouped(n.round() as i64)
    }
}

/// What was done and to what, each by itself: a line of one kind is not to be read with those of the other.
pub(super) fn sides(usual: &Habits, now: &Habits) -> Vec<(&'static str, Vec<Line>)> {
    let done = side(usual, now, &usual.event_types, &now.event_types, true);
    let objects = side(usual, now, &usual.object_types, &now.object_types, false);
    [("What was done", done), ("To what", objects)]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .collect()
}

fn side(usual: &Habits, now: &Habits, before: &[KindCount], lately: &[KindCount], events: bool) -> Vec<Line> {
    let count = |of: &[KindCount], value: &str| {
        of.iter().find(|kind| kind.value == value).map_or(0, |kind| kind.entries)
    };
    let mut values: Vec<&str> = before.iter().chain(lately).map(|kind| kind.value.as_str()).collect();
    values.dedup();
    let mut seen = std::collections::HashSet::new();
    values.retain(|value| seen.insert(*value));
    let has_past = usual.entries >= FEW && now.entries > 0;
    let told = values.into_iter().map(|value| Line {
        word: if events { verb(value).into_owned() } else { noun(value).into_owned() },
        deed: events.then(|| Deed::of(value)),
        usual: short(per_week(usual, count(before, value))),
        now: count(lately, value),
        new: has_past && count(before, value) == 0,
    });
    told.collect()
}

pub(super) fn rate(usual: &Habits, now: &Habits) -> String {
    let (lately, before) = (now.entries, per_week(usual, usual.entries));
    format!("{} in the last 7 days · usually {} a week", grouped(lately), short(before))
}

/// The answer to the page's question.
pub(super) fn sentence(usual: &Habits, now: &Habits, heat: &Heat, is_person: bool) -> String {
    let before = per_week(usual, usual.entries);
    let lately = now.entries as f64;
    if usual.entries == 0 {
        return format!("New: {} in the last 7 days, none before.", events(now.entries));
    }
    if now.entries == 0 {
        return format!("Nothing in the last 7 days; usually {} a week.", short(before));
    }
    let mut told = if now.entries >= FEW && lately >= before * OFTEN {
        let times = lately / before.max(0.1);
        let times = if times >= 10.0 { format!("{}", times.round()) } else { format!("{times:.1}") };
        format!("{} in the last 7 days, {times} times as many as usual.", events(now.entries))
    } else if before >= FEW as f64 && lately * OFTEN <= before {
        format!(
            "Quieter than usual: {} in the last 7 days, {} a week before.",
            events(now.entries),
            short(before)
        )
    } else {
        format!("As usual: {} in the last 7 days, {} a week before.", events(now.entries), short(before))
    };
    let new: Vec<_> = side(usual, now, &usual.event_types, &now.event_types, true)
        .into_iter()
        .filter(|line| line.new)
        .map(|line| line.word)
        .collect();
    if !new.is_empty() {
        told.push_str(&format!(" For the first time in 90 days: {}.", new.join(", ")));
    }
    match heat.new_hours() {
        0 => {}
        1 if is_person => told.push_str(" Active in an hour of the week that is new."),
        n if is_person => told.push_str(&format!(" Active in {n} hours of the week that are new.")),
        _ => {}
    }
    told
}

fn events(n: u64) -> String {
    format!("{} {}", grouped(n), if n == 1 { "event" } else { "events" })
}

/// What is said of the people beside it.
pub(super) fn peer(is_person: bool) -> fn(&Companion) -> String {
    if is_person { |one| format!("{} in common", objects(one.shared)) } else { |one| events(one.entries) }
}

/// What is said of the objects beside it.
pub(super) fn thing(is_person: bool) -> fn(&Companion) -> String {
    if is_person {
        |one| match one.shared {
            0 => format!("{}, by nobody else", events(one.entries)),
            1 => format!("{}, and 1 other person", events(one.entries)),
            n => format!("{}, and {n} other people", events(one.entries)),
        }
    } else {
        |one| {
            format!(
                "along with {} {}",
                grouped(one.shared),
                if one.shared == 1 { "change" } else { "changes" }
            )
        }
    }
}

fn objects(n: u64) -> String {
    format!("{} {}", grouped(n), if n == 1 { "object" } else { "objects" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::DAY_MS;
    use hubtrail_core::time::UtcMs;

    fn habits(from: i64, to: i64, events: &[(&str, u64)]) -> Habits {
        let kinds: Vec<_> = events
            .iter()
            .map(|(value, entries)| KindCount { value: (*value).to_owned(), entries: *entries })
            .collect();
        Habits {
            from: UtcMs(from * DAY_MS),
            to: UtcMs(to * DAY_MS),
            entries: events.iter().map(|(_, entries)| entries).sum(),
            since: None,
            week: [[0; 24]; 7],
            event_types: kinds,
            object_types: Vec::new(),
        }
    }

    fn told(usual: &[(&str, u64)], now: &[(&str, u64)]) -> String {
        let (usual, now) = (habits(0, 70, usual), habits(70, 77, now));
        let heat = Heat { hours: usual.week, now: Some(now.week), of: "" };
        sentence(&usual, &now, &heat, true)
    }

    #[test]
    fn what_differs_is_said_in_numbers() {
        assert_eq!(
            told(&[("UPDATED", 100)], &[("UPDATED", 11)]),
            "As usual: 11 events in the last 7 days, 10 a week before."
        );
        assert_eq!(
            told(&[("UPDATED", 100)], &[("UPDATED", 20), ("DELETED", 31)]),
            "51 events in the last 7 days, 5.1 times as many as usual. For the first time in 90 days: deleted."
        );
        assert_eq!(
            told(&[("UPDATED", 1000)], &[("UPDATED", 1)]),
            "Quieter than usual: 1 event in the last 7 days, 100 a week before."
        );
        assert_eq!(told(&[], &[("UPDATED", 3)]), "New: 3 events in the last 7 days, none before.");
        assert_eq!(told(&[("UPDATED", 20)], &[]), "Nothing in the last 7 days; usually 2 a week.");
    }
}
