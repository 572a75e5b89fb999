//! What a channel tells, how often and when not, in words.

use hubtrail_core::detect::{Lens, RuleSet};
use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;

use crate::notify::{Digest, Pace, Route};
use crate::ui::named::{Named, with_unknown};

/// A kind of service: its key in the API, and its name.
pub(super) const KINDS: [(&str, &str); 5] = [
    ("email", "E-mail"),
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("pager_duty", "PagerDuty"),
    ("webhook", "Webhook"),
];

pub(super) fn kind(key: &str) -> &'static str {
    KINDS.into_iter().find(|(own, _)| *own == key).map_or("Service", |(_, word)| word)
}

pub(super) fn findings(severity: Severity) -> String {
    match severity {
        Severity::Informational => "of any severity".to_owned(),
        Severity::Critical => "critical".to_owned(),
        other => format!("{other} or worse"),
    }
}

/// What it tells, in a line: for the list of channels.
pub(super) fn in_short(route: &Route) -> String {
    let of = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let digest = match route.digest {
        Digest::None => None,
        Digest::Daily => Some("daily digest".to_owned()),
        Digest::Weekly => Some("weekly digest".to_owned()),
    };
    let parts = [
        Some(format!("Findings {}", findings(route.severity))),
        of(route.rules.len(), "rule", "rules"),
        of(route.accounts.len(), "account", "accounts"),
        route.trouble.then(|| "trouble".to_owned()),
        digest,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

pub(super) fn digest(digest: Digest) -> &'static str {
    match digest {
        Digest::None => "none",
        Digest::Daily => "every morning at eight",
        Digest::Weekly => "on Mondays at eight",
    }
}

pub(super) fn quiet(pace: &Pace) -> String {
    match &pace.quiet {
        None => "none".to_owned(),
        Some(quiet) => {
            format!("{} to {} in {}, but for what is critical", quiet.from, quiet.to, quiet.zone)
        }
    }
}

pub(super) fn pace(pace: &Pace) -> String {
    let first = match pace.gather_seconds {
        0 => "a first message goes at once".to_owned(),
        seconds => format!("a first message gathers for {seconds}\u{a0}s"),
    };
    let (update, most) = (pace.update_minutes, pace.per_hour);
    let messages = if most == 1 { "message" } else { "messages" };
    format!("{first}, an update waits {update}\u{a0}min, at most {most} new {messages} an hour")
}

/// What findings are of: rules, then what behaviour looks for.
pub(super) fn rules(set: &RuleSet, chosen: &[String]) -> Vec<Named> {
    let raises = set.rules().iter().filter(|rule| rule.raises || !rule.enabled);
    let mut known: Vec<_> =
        raises.map(|rule| Named { key: rule.id.clone(), word: harmless(&rule.title).into_owned() }).collect();
    known.sort_by(|a, b| a.word.cmp(&b.word));
    let lenses = Lens::ALL.into_iter();
    known.extend(
        lenses
            .map(|lens| Named { key: lens.name().to_owned(), word: format!("Behaviour: {}", lens.title()) }),
    );
    with_unknown(known, chosen, |key| format!("{}, which is gone", harmless(key)))
}
