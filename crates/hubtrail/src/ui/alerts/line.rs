//! A channel as a page shows it: a state in a shape and a word, why, and what to do.

use hubtrail_core::sentence::harmless;
use hubtrail_core::time::{UtcMs, spoken};

use super::told;
use crate::notify::{Channel, State};
use crate::ui::badge::{Badge, Tone};
use crate::ui::prose::Prose;
use crate::ui::viewer::Taste;
use crate::ui::when::When;

pub(super) struct Line {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) place: String,
    pub(super) badge: Badge,
    pub(super) said: Prose,
    pub(super) fix: Prose,
    /// When it is tried again.
    pub(super) again: Option<String>,
    pub(super) tells: String,
    pub(super) last: Option<When>,
}

impl Line {
    pub(super) fn new(channel: &Channel, taste: &Taste) -> Self {
        let when = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() };
        let (tone, word) = match channel.state() {
            State::Paused => (Tone::Paused, "Paused"),
            State::ActionNeeded => (Tone::Act, "Action needed"),
            State::Retrying => (Tone::Waiting, "Retrying"),
            State::Active => (Tone::Good, "Active"),
        };
        let usual = match (channel.state(), channel.succeeded_at) {
            (State::Paused, _) => "what there is to tell is told when it is resumed",
            (_, Some(_)) => "the service took the last message",
            (_, None) => "there was nothing to tell yet",
        };
        let fails = channel.failure.as_deref().filter(|_| !channel.paused);
        let again = channel.retry_at.filter(|at| fails.is_some() && at.since(taste.now) >= 1_000);
        Self {
            id: channel.id.0,
            name: channel.name().to_owned(),
            kind: told::kind(channel.settings.service.kind()),
            place: harmless(&channel.settings.service.place()).into_owned(),
            badge: Badge { tone, word: word.to_owned() },
            said: Prose::new(fails.unwrap_or(usual)),
            fix: Prose::new(fails.and(channel.fix.as_deref()).unwrap_or_default()),
            again: again.map(|at| spoken(at.since(taste.now))),
            tells: told::in_short(&channel.settings.route),
            last: channel.succeeded_at.map(when),
        }
    }
}
