//! From a rule's full windows to the finding that people read.

use std::sync::Arc;

use super::episode::Pace;
use super::field::{Field, View};
use super::lane::Window;
use super::reason::Facts;
use super::rule::{Body, Rule, What};
use super::set::RuleSet;
use super::tally::Tally;
use crate::event::Event;
use crate::finding::{Actor, Finding, FindingId};
use crate::time::UtcMs;

pub(super) fn window(rule: &Rule) -> Window {
    let (what, inputs) = match &rule.body {
        Body::Single { .. } => (What::Count(1), 1),
        Body::Correlation(correlation) => (correlation.what, correlation.inputs.len()),
    };
    Window { what, timespan_ms: rule.timespan_ms(), inputs, pace: Pace { gap_ms: rule.gap_ms } }
}

/// The groups that an event belongs to: rules agree mostly on whose acts they look at.
pub(super) struct Groups<'a> {
    view: &'a View<'a>,
    known: Vec<(&'a [Field], Arc<str>)>,
}

impl<'a> Groups<'a> {
    pub(super) fn of(view: &'a View<'a>) -> Self {
        Self { view, known: Vec::new() }
    }

    pub(super) fn view(&self) -> &'a View<'a> {
        self.view
    }

    pub(super) fn text(&mut self, fields: &'a [Field]) -> Arc<str> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == fields) {
            return Arc::clone(known);
        }
        let group: Arc<str> = match fields {
            [field] => self.view.text(field),
            _ => fields.iter().map(|field| self.view.text(field)).collect::<Vec<_>>().join("\u{1f}"),
        }
        .into();
        self.known.push((fields, Arc::clone(&group)));
        group
    }
}

pub(super) fn finding(set: &RuleSet, rule: usize, id: FindingId, raised: UtcMs, tally: &Tally) -> Finding {
    let rule = &set.rules[rule];
    let together = rule.inputs().iter().enumerate().filter(|(place, _)| tally.inputs & (1 << place) != 0);
    let titles: Vec<_> = together.map(|(_, input)| set.rules[input.rule].title.as_str()).collect();
    let facts = Facts { tally, raised, window_ms: rule.timespan_ms(), rules: &titles };
    let reason = rule.reason.filled(&facts);
    let seen = |event: Option<&Event>| event.map_or(raised, |event| event.timestamp);
    let last = tally.last.as_deref();
    let actor = tally.completing.as_deref().or(last).map_or_else(Actor::default, |event| Actor {
        id: event.user_id.clone(),
        name: event.full_name.clone(),
    });
    Finding {
        id,
        rule: rule.id.clone(),
        rule_version: rule.version.clone(),
        title: rule.title.clone(),
        severity: rule.severity,
        watch: rule.watch,
        score: rule.score,
        quiet: false,
        actor,
        time: raised,
        first_seen: seen(tally.first()),
        last_seen: seen(last),
        reason,
        response: rule.response.clone(),
        attack: rule.attack.clone(),
        events: tally.events,
        evidence: Arc::clone(&tally.evidence),
    }
}
