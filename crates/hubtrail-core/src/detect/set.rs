//! All rules that are in use, in an order in which every rule comes after those it builds on.
//!
//! A document that cannot be honoured in full is a problem with its place, and so is every rule that
//! refers to it; the others are used.

mod resolve;

use jiff::tz::TimeZone;

use super::document::{Document, Filter, RuleDraft, Switch, document};
use super::episode::Pace;
use super::expression::Expression;
use super::field::Field;
use super::problem::{Fault, Problem};
use super::rule::{Body, Layer, Rule};
use super::yaml;

/// A rule file.
#[derive(Clone, Debug)]
pub struct Source {
    pub file: String,
    pub text: String,
    pub layer: Layer,
}

#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    /// Whether a rule raises findings, or one that does builds on it.
    pub(super) active: Vec<bool>,
}

/// A draft with where it comes from.
struct Placed<T> {
    file: String,
    layer: Layer,
    draft: T,
}

impl<T> Placed<T> {
    fn problem(&self, fault: Fault) -> Problem {
        fault.within(&self.file)
    }
}

#[derive(Default)]
struct Drafts {
    rules: Vec<Placed<RuleDraft>>,
    filters: Vec<Placed<Filter>>,
    switches: Vec<Placed<Switch>>,
}

impl RuleSet {
    /// Reads rule files. A rule of the user's own stands in the place of a shipped one with its id.
    ///
    /// Parts of times in rules (`timestamp|hour`) are in `zone`.
    #[must_use]
    pub fn load(sources: &[Source], zone: &TimeZone) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut drafts = Drafts::default();
        for source in sources {
            drafts.read(source, zone, &mut problems);
        }
        drafts.override_shipped(&mut problems);
        drafts.apply_switches(&mut problems);
        let (rules, mut unresolved) = resolve::resolve(drafts);
        problems.append(&mut unresolved);
        problems.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
        (Self::of(rules), problems)
    }

    fn of(rules: Vec<Rule>) -> Self {
        let mut active: Vec<_> = rules.iter().map(|rule| rule.raises).collect();
        for at in (0..rules.len()).rev() {
            if active[at] {
                rules[at].inputs().iter().for_each(|input| active[input.rule] = true);
            }
        }
        Self { rules, active }
    }

    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    #[must_use]
    pub fn find(&self, id_or_name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id == id_or_name || rule.name.as_deref() == Some(id_or_name))
    }

    /// The same rules with only one of them raising findings, whether it is switched on or not.
    #[must_use]
    pub fn only(&self, id: &str) -> Self {
        let mut rules = self.rules.clone();
        rules.iter_mut().for_each(|rule| rule.raises = rule.id == id);
        Self::of(rules)
    }

    /// The same rules, some of them switched on or off by id. Ids that are not there are left alone.
    #[must_use]
    pub fn switched<'a>(&self, switches: impl IntoIterator<Item = (&'a str, bool)>) -> Self {
        let mut rules = self.rules.clone();
        for (id, enabled) in switches {
            if let Some(rule) = rules.iter_mut().find(|rule| rule.id == id) {
                rule.enabled = enabled;
                rule.raises = enabled && !rule.block;
            }
        }
        Self::of(rules)
    }

    /// Whether any rule that is in use asks what is usual.
    #[must_use]
    pub fn asks_behaviour(&self) -> bool {
        self.rules.iter().zip(&self.active).any(|(rule, active)| *active && rule.asks_behaviour())
    }

    /// Whether an event of this kind can matter to any rule that is in use.
    #[must_use]
    pub fn looks_at(&self, object_type: &str, event_type: &str) -> bool {
        !self.candidates(object_type, event_type).is_empty()
    }

    /// For how long an event of this kind can matter, beside the lateness that is allowed; none: it never does.
    #[must_use]
    pub fn reach_ms(&self, object_type: &str, event_type: &str) -> Option<i64> {
        self.candidates(object_type, event_type).into_iter().map(|at| self.reach_of(at)).max()
    }

    /// Through all rules in use that build on it.
    fn reach_of(&self, rule: usize) -> i64 {
        let own = self.depth_ms(rule) + Pace { gap_ms: self.rules[rule].gap_ms }.memory_ms();
        let builds_on = |at: &usize| self.rules[*at].inputs().iter().any(|input| input.rule == rule);
        let above = (rule + 1..self.rules.len()).filter(|at| self.active[*at]).filter(builds_on);
        above.map(|at| self.reach_of(at)).max().unwrap_or(0).max(own)
    }

    /// How far back the oldest event of a full window may be, through all that it builds on.
    pub(super) fn depth_ms(&self, rule: usize) -> i64 {
        let below = self.rules[rule].inputs().iter().map(|input| self.depth_ms(input.rule)).max();
        self.rules[rule].timespan_ms() + below.unwrap_or(0)
    }

    /// Rules of one event that an event of this kind can match.
    pub(super) fn candidates(&self, object_type: &str, event_type: &str) -> Vec<usize> {
        let (object_type, event_type) = (object_type.to_lowercase(), event_type.to_lowercase());
        let allows = |expression: &Expression, field, value: &String| {
            expression.values_of(&field).is_none_or(|values| values.contains(value))
        };
        let indices = self.rules.iter().enumerate().filter(|(at, rule)| match &rule.body {
            Body::Single { expression, .. } => {
                self.active[*at]
                    && allows(expression, Field::ObjectType, &object_type)
                    && allows(expression, Field::Event, &event_type)
            }
            Body::Correlation(_) => false,
        });
        indices.map(|(at, _)| at).collect()
    }
}

impl Drafts {
    fn read(&mut self, source: &Source, zone: &TimeZone, problems: &mut Vec<Problem>) {
        let documents = match yaml::documents(&source.text) {
            Ok(documents) => documents,
            Err(fault) => return problems.push(fault.within(&source.file)),
        };
        for node in &documents {
            match document(node, zone) {
                Ok(Document::Rule(draft)) => self.rules.push(placed(source, *draft)),
                Ok(Document::Filter(draft)) => self.filters.push(placed(source, draft)),
                Ok(Document::Switch(draft)) => self.switches.push(placed(source, draft)),
                Err(fault) => problems.push(fault.within(&source.file)),
            }
        }
    }

    fn override_shipped(&mut self, problems: &mut Vec<Problem>) {
        let mut kept: Vec<Placed<RuleDraft>> = Vec::new();
        for rule in self.rules.drain(..) {
            let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
            let twin = kept.iter_mut().find(|other| {
                same(&other.draft.id, &rule.draft.id) || same(&other.draft.name, &rule.draft.name)
            });
            match twin {
                Some(other) if other.layer < rule.layer && is_override(&other.draft, &rule.draft) => {
                    *other = rule
                }
                Some(other) => {
                    let first = format!("{} line {}", other.file, other.draft.place.line);
                    let reason = format!("its id or name is already taken by {first}");
                    problems.push(rule.problem(Fault::new(rule.draft.place, reason, "give it another one")));
                }
                None => kept.push(rule),
            }
        }
        self.rules = kept;
    }

    fn apply_switches(&mut self, problems: &mut Vec<Problem>) {
        for switch in &self.switches {
            let wanted = Some(&switch.draft.id);
            match self.rules.iter_mut().find(|rule| rule.draft.id.as_ref() == wanted) {
                Some(rule) => {
                    let (own, new) = (&mut rule.draft.own, switch.draft.own.clone());
                    own.reason = new.reason.or(own.reason.take());
                    own.response = new.response.or(own.response.take());
                    own.examples = new.examples.or(own.examples.take());
                    own.group = new.group.or(own.group.take());
                    own.score = new.score.or(own.score);
                    own.disabled = new.disabled.or(own.disabled);
                    own.watch = new.watch.or(own.watch);
                    own.gap_ms = new.gap_ms.or(own.gap_ms);
                }
                None => {
                    let reason = format!("there is no rule `{}` to switch", switch.draft.id);
                    problems.push(switch.problem(Fault::new(switch.draft.place, reason, "correct its id")));
                }
            }
        }
    }
}

/// A building block without an id is known by its name; two ids with one name are two rules.
fn is_override(shipped: &RuleDraft, own: &RuleDraft) -> bool {
    shipped.id == own.id || shipped.id.is_none() || own.id.is_none()
}

fn placed<T>(source: &Source, draft: T) -> Placed<T> {
    Placed { file: source.file.clone(), layer: source.layer, draft }
}
