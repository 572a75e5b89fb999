//! A finding of behaviour in words and numbers: what was seen, and what is usual for the person, for their peers
//! and in the account.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::act::Act;
use super::budget::MONTH_DAYS;
use super::incident::Incident;
use super::kind::Deed;
use super::session::hour_of;
use super::signal::Signal;
use super::usual::Usual;
use crate::detect::reason::{listed, plural};
use crate::finding::{Actor, Evidence, Finding, FindingId, Severity};
use crate::sentence::{Sentence, noun};
use crate::time::{UtcMs, spoken};

/// Changes when the same events may make another finding.
const VERSION: &str = "1";
/// Kinds of acts that a sentence names.
const NAMED: usize = 4;
/// What is worth saying: days of absence, bits of an hour, seconds between acts, shares.
const LONG_ABSENCE_DAYS: f32 = 30.0;
const NEW_DAYS: f32 = 14.0;
const ODD_HOUR: f32 = 1.0;
const FAST: f32 = 3.5;
const MOSTLY: f32 = 0.8;

pub(super) fn id(incident: &Incident) -> FindingId {
    FindingId::of("behaviour", &incident.opening.event.user_id, incident.opening.id)
}

/// 0 to 100, comparable with the scores of rules; 50 is as likely an attack as not.
pub(super) fn score(level: f64) -> f64 {
    let score = (1_000.0 / (1.0 + (-level / 2.0).exp())).round() / 10.0;
    // Only watches have none at all.
    score.max(0.1)
}

/// The level that has this score.
pub(super) fn level(score: f64) -> f64 {
    let score = score.clamp(0.1, 99.9);
    2.0 * (score / (100.0 - score)).ln()
}

pub(super) fn finding(incident: &Incident) -> Finding {
    let first = incident.evidence.first().map(|proof| &proof.event);
    let seen = |proof: Option<&Evidence>| proof.map_or(incident.raised, |proof| proof.event.timestamp);
    Finding {
        id: id(incident),
        rule: incident.lens.name().to_owned(),
        rule_version: VERSION.to_owned(),
        title: incident.lens.title().to_owned(),
        severity: severity(incident),
        watch: false,
        score: score(incident.level),
        quiet: !incident.is_alert(),
        actor: first.map_or_else(Actor::default, |event| Actor {
            id: event.user_id.clone(),
            name: event.full_name.clone(),
        }),
        time: incident.raised,
        first_seen: seen(incident.evidence.first()),
        last_seen: seen(incident.evidence.last()),
        reason: reason(incident),
        response: incident.lens.response().to_owned(),
        attack: incident.lens.attack().iter().map(|id| (*id).to_owned()).collect(),
        events: incident.evidence.len(),
        evidence: Arc::new(incident.evidence.clone()),
    }
}

/// What is within the budget is medium, what is far above it high; the rest is there for who looks for it.
fn severity(incident: &Incident) -> Severity {
    match incident.level - incident.line.alert {
        above if above >= 2.0 => Severity::High,
        above if above >= 0.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

fn reason(incident: &Incident) -> String {
    let Some(rarest) = incident.acts.get(incident.usual.rarest) else { return String::new() };
    let mut said = vec![seen(incident), usual(rarest, &incident.usual)];
    said.extend(unusual(incident));
    let line = &incident.line;
    said.push(format!(
        "Level {:.1}; alerts of this account begin at {:.1}, which was passed {:.1} times in {MONTH_DAYS:.0} days.",
        incident.level, line.alert, line.expected
    ));
    said.join(" ")
}

/// Who did how much of what in how long.
fn seen(incident: &Incident) -> String {
    let (first, last) = (incident.acts.first(), incident.acts.last());
    let who = first.map_or_else(String::new, |act| Sentence::of(act.event()).who.into_owned());
    let span = first.zip(last).map_or(0, |(first, last)| last.at.since(first.at));
    let within = if span < 1_000 { String::new() } else { format!(" within {}", spoken(span)) };
    format!("{who} {}{within}.", done(&incident.acts))
}

/// `deleted 3 website pages and 2 files; changed 1 template`.
fn done(acts: &[Arc<Act>]) -> String {
    let mut groups: BTreeMap<std::cmp::Reverse<Deed>, BTreeMap<&str, usize>> = BTreeMap::new();
    for act in acts {
        let kinds = groups.entry(std::cmp::Reverse(act.deed)).or_default();
        *kinds.entry(act.event().object_type.as_str()).or_default() += 1;
    }
    let groups = groups.into_iter().map(|(deed, kinds)| {
        let mut kinds: Vec<_> = kinds.into_iter().collect();
        kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let kinds = kinds.into_iter().map(|(kind, count)| match count {
            1 => format!("1 {}", noun(kind)),
            count => format!("{count} {}", plural(&noun(kind))),
        });
        format!("{} {}", verb(deed.0), listed(kinds.collect(), NAMED))
    });
    groups.collect::<Vec<_>>().join("; ")
}

const fn verb(deed: Deed) -> &'static str {
    match deed {
        Deed::Changed => "changed",
        Deed::Created => "created",
        Deed::Unpublished => "took offline",
        Deed::Deleted => "deleted",
    }
}

/// How usual the rarest of it is: for them, for their peers and for everybody.
fn usual(act: &Act, usual: &Usual) -> String {
    let what = match act.deed {
        Deed::Changed | Deed::Created => "changed",
        deed => verb(deed),
    };
    let what = format!("{what} {}", plural(&noun(&act.event().object_type)));
    let own = match usual.person {
        Some(person) => format!(
            "Of their {:.0} sessions since {}, {} {what}",
            person.sessions,
            date(person.since),
            counted(f64::from(person.with))
        ),
        None => format!("They are new here. What is rarest is that they {what}"),
    };
    format!(
        "{own}, as did {} of {:.0} of their peers and {} of {:.0} in the account ({:.1} bits).",
        counted(usual.peers.0),
        usual.peers.1,
        counted(usual.all.0),
        usual.all.1,
        act.reading.rarity
    )
}

/// What else is unlike this person.
fn unusual(incident: &Incident) -> Vec<String> {
    let signal = |signal: Signal| incident.signals[signal as usize];
    let person = incident.usual.person;
    let mut said = Vec::new();
    let most = person.map_or(0.0, |person| person.most);
    let count = incident.acts.len();
    if count >= 5 && signal(Signal::Volume) > 0.5 {
        said.push(format!("So much at a time is new: {count} acts, where {most:.0} were the most."));
    }
    let first = incident.acts.first().map(|act| act.reading);
    let dormant = first.and_then(|reading| reading.dormant_days).filter(|days| *days >= LONG_ABSENCE_DAYS);
    said.extend(dormant.map(|days| format!("They had been away for {days:.0} days.")));
    let known = first.and_then(|reading| reading.known_days).filter(|days| *days <= NEW_DAYS);
    said.extend(known.map(|days| format!("They have been here for {days:.0} days.")));
    if signal(Signal::Hour) >= ODD_HOUR
        && let Some((from, to)) = person.and_then(|person| person.hours)
        && let Some(act) = incident.acts.last()
    {
        let (hour, bits) = (hour_of(act.at), signal(Signal::Hour));
        said.push(format!(
            "They mostly work from {from:02} to {to:02} UTC; this was at {hour:02} ({bits:.1} bits)."
        ));
    }
    if count > 1 && signal(Signal::Strange) >= MOSTLY {
        said.push("They had not touched these objects before.".to_owned());
    }
    if count >= 5 && signal(Signal::Pace) >= FAST {
        let seconds = 2_f32.powf(6.0 - signal(Signal::Pace)) - 1.0;
        said.push(format!("Half of it came within {seconds:.1} s of what was before it."));
    }
    said
}

/// Faded counts in words: what is nearly nothing is none.
fn counted(count: f64) -> String {
    if count < 0.05 {
        "none".to_owned()
    } else if count < 10.0 {
        format!("{count:.1}")
    } else {
        format!("{count:.0}")
    }
}

fn date(at: UtcMs) -> String {
    at.to_string().chars().take(10).collect()
}
