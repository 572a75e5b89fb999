//! The running state of a rule set: takes events in any order and tells which findings they make.
//!
//! The state can be rebuilt from the log: a detector that has read again everything since
//! [`Detector::horizon`] goes on as the one before it would have.

mod usual;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::behaviour::Behaviour;
use super::episode::Episode;
use super::field::View;
use super::fold::digest;
use super::lane::{Item, Lane, Window};
use super::raised::{Groups, finding, window};
use super::rule::Body;
use super::set::RuleSet;
use super::tally::Tally;
use crate::event::Event;
use crate::finding::{Finding, FindingId};
use crate::identity::EventId;
use crate::time::UtcMs;

/// How late an event may come and still count: a deep sweep reads the last 26 hours again.
pub const LATENESS_MS: i64 = 26 * 3_600_000;
/// Kinds of events whose rules are remembered; HubSpot documents far fewer.
const MOST_KINDS: usize = 4_096;
/// Items that lanes hold in all: a hundred bytes each, and their events.
const MOST_ITEMS: usize = 1_000_000;
/// Events that a correlation takes over as the proof of one that it builds on.
const MOST_PROOF: usize = 100;
/// Between two looks for what can be forgotten; sooner when there is much of it.
const FORGET_EVERY_MS: i64 = 12 * 3_600_000;
const FORGET_SOON_MS: i64 = FORGET_EVERY_MS / 24;
const MUCH: usize = 10_000;

/// What became of the findings.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new finding.
    Raised(Finding),
    /// A finding that was told of before, with more evidence.
    Grown(Finding),
    /// An event that came late showed that this finding is part of another one.
    Absorbed { id: FindingId, by: FindingId },
    /// What came late showed that it is not unusual after all. Findings of rules are never withdrawn.
    Withdrawn(FindingId),
}

/// What a detector did not look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlooked {
    /// Events that came later than allowed.
    pub late: u64,
    /// Times at which old items were forgotten early, because there were too many.
    pub crowded: u64,
}

/// An item on its way to the lane of a rule and a group.
struct Coming {
    rule: usize,
    group: Arc<str>,
    item: Item,
}

/// What comes is taken rule by rule, as later ones build on earlier ones.
#[derive(Default)]
struct Queue(Vec<Coming>);

impl Queue {
    fn push(&mut self, rule: usize, group: Arc<str>, item: Item) {
        let at = self.0.partition_point(|coming| coming.rule > rule);
        self.0.insert(at, Coming { rule, group, item });
    }

    fn pop(&mut self) -> Option<Coming> {
        self.0.pop()
    }
}

pub struct Detector {
    rules: Arc<RuleSet>,
    windows: Vec<Window>,
    /// The correlations that build on each rule, with the place that it has among their inputs.
    dependents: Vec<Vec<(usize, usize)>>,
    candidates: HashMap<String, HashMap<String, Arc<[usize]>>>,
    /// For each rule, by group.
    lanes: Vec<HashMap<Arc<str>, Lane>>,
    changed: BTreeSet<(usize, Arc<str>)>,
    queue: Queue,
    changes: Vec<Change>,
    items: usize,
    /// Items that were left when something was last forgotten.
    kept: usize,
    lateness_ms: i64,
    now: UtcMs,
    forgot: UtcMs,
    overlooked: Overlooked,
    behaviour: Option<Behaviour>,
}

impl Detector {
    #[must_use]
    pub fn new(rules: Arc<RuleSet>, lateness_ms: i64) -> Self {
        let windows = rules.rules.iter().map(window).collect();
        let mut dependents = vec![Vec::new(); rules.rules.len()];
        let lanes = rules.rules.iter().map(|_| HashMap::new()).collect();
        for (at, rule) in rules.rules.iter().enumerate().filter(|(at, _)| rules.active[*at]) {
            for (place, input) in rule.inputs().iter().enumerate() {
                dependents[input.rule].push((at, place));
            }
        }
        Self {
            rules,
            windows,
            dependents,
            candidates: HashMap::new(),
            lanes,
            changed: BTreeSet::new(),
            queue: Queue::default(),
            changes: Vec::new(),
            items: 0,
            kept: 0,
            lateness_ms,
            now: UtcMs(i64::MIN),
            forgot: UtcMs(i64::MIN),
            overlooked: Overlooked::default(),
            behaviour: None,
        }
    }

    /// Looks also at what is unusual, beside the rules, which may ask for it.
    #[must_use]
    pub fn with_behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = Some(behaviour);
        self
    }

    #[must_use]
    pub fn behaviour(&self) -> Option<&Behaviour> {
        self.behaviour.as_ref()
    }

    /// From when on the log must be read to rebuild this state; time as of the last [`Self::advance`].
    #[must_use]
    pub fn horizon(&self) -> UtcMs {
        let rules = self.horizon_at(self.now);
        self.behaviour.as_ref().map_or(rules, |behaviour| rules.min(behaviour.horizon()))
    }

    /// As [`Self::horizon`], for a detector that is to begin at this time.
    #[must_use]
    pub fn horizon_at(&self, now: UtcMs) -> UtcMs {
        let rules = self.windows.iter().enumerate().filter(|(at, _)| self.rules.active[*at]);
        let longest = rules.map(|(at, window)| self.rules.depth_ms(at) + window.pace.memory_ms()).max();
        now.minus(self.lateness_ms).minus(longest.unwrap_or(0))
    }

    #[must_use]
    pub fn overlooked(&self) -> Overlooked {
        self.overlooked
    }

    /// How many items are held in memory.
    #[must_use]
    pub fn items(&self) -> usize {
        self.items + self.behaviour.as_ref().map_or(0, Behaviour::items)
    }

    /// Tells the time up to which events were collected; what is older by more than the allowed lateness
    /// is settled. Records dated in the future must not move it.
    pub fn advance(&mut self, now: UtcMs) {
        self.now = self.now.max(now);
        if self.behaviour.as_ref().is_some_and(|behaviour| behaviour.is_day_over(now)) {
            // What rules found on a day is part of what is learned from it.
            self.tell();
        }
        if let Some(behaviour) = &mut self.behaviour {
            behaviour.advance(now);
        }
        if self.forgot.0 == i64::MIN {
            self.forgot = self.now;
        }
        let since = self.now.since(self.forgot);
        let is_crowded = since >= FORGET_SOON_MS && self.items > 2 * self.kept + MUCH;
        if since >= FORGET_EVERY_MS || is_crowded {
            self.forgot = self.now;
            self.forget(self.lateness_ms);
            self.kept = self.items;
        }
    }

    /// Looks at an event. One that was looked at before changes nothing.
    pub fn observe(&mut self, event: &Event, id: EventId) {
        if self.now.0 != i64::MIN && event.timestamp < self.now.minus(self.lateness_ms) {
            self.overlooked.late += 1;
            return;
        }
        let mut shared: Option<Arc<Event>> = None;
        let usual = self.behaviour.as_mut().map(|behaviour| {
            let event = shared.get_or_insert_with(|| Arc::new(event.clone()));
            behaviour.observe(event, id);
            behaviour.usual(event, id)
        });
        let fields = usual.and_then(|usual| usual.fields);
        let view = View::with(event, fields);
        let rules = Arc::clone(&self.rules);
        let mut groups = Groups::of(&view);
        let mut queue = std::mem::take(&mut self.queue);
        for &at in self.candidates(event).iter() {
            let Body::Single { expression, group } = &rules.rules[at].body else { continue };
            let asks_behaviour = rules.rules[at].asks_behaviour();
            let is_forgotten = usual.is_some_and(|usual| usual.is_forgotten);
            if (is_forgotten && asks_behaviour) || !expression.is_match(&view) {
                continue;
            }
            if let (Some(behaviour), Some(fields), true) = (&mut self.behaviour, fields, asks_behaviour) {
                behaviour.keep_asked(event.timestamp, id, fields);
            }
            let event = shared.get_or_insert_with(|| Arc::new(event.clone()));
            let item = Item {
                at: (event.timestamp, id),
                event: Arc::clone(event),
                inputs: 1,
                value: None,
                proof: None,
            };
            self.pass_on(&rules, at, &mut groups, &item, &mut queue);
            if rules.rules[at].raises {
                queue.push(at, groups.text(group), item);
            }
        }
        while let Some(coming) = queue.pop() {
            self.put(&rules, coming, &mut queue);
        }
        self.queue = queue;
        if self.items > MOST_ITEMS {
            self.make_room();
        }
    }

    /// Reads again what the log has from the horizon of `now` on, in order of time. The findings in it
    /// are known already and not told again.
    pub fn rebuild<'a>(&mut self, now: UtcMs, events: impl Iterator<Item = (&'a Event, EventId)>) {
        for (event, id) in events {
            self.advance(event.timestamp.min(now));
            self.observe(event, id);
        }
        self.advance(now);
        self.changes();
    }

    /// What has changed since the last call.
    pub fn changes(&mut self) -> Vec<Change> {
        self.tell();
        let mut changes = std::mem::take(&mut self.changes);
        if let Some(behaviour) = &mut self.behaviour {
            changes.append(&mut behaviour.changes());
        }
        changes
    }

    fn candidates(&mut self, event: &Event) -> Arc<[usize]> {
        let known = self.candidates.get(&event.object_type).and_then(|events| events.get(&event.event));
        if let Some(known) = known {
            return Arc::clone(known);
        }
        let found: Arc<[usize]> = self.rules.candidates(&event.object_type, &event.event).into();
        if self.candidates.len() >= MOST_KINDS {
            self.candidates.clear();
        }
        let kinds = self.candidates.entry(event.object_type.clone()).or_default();
        if kinds.len() >= MOST_KINDS {
            kinds.clear();
        }
        kinds.insert(event.event.clone(), Arc::clone(&found));
        found
    }

    /// Gives an item to the correlations that build on the rule.
    fn pass_on<'a>(
        &self,
        rules: &'a RuleSet,
        rule: usize,
        groups: &mut Groups<'a>,
        item: &Item,
        queue: &mut Queue,
    ) {
        for &(dependent, place) in &self.dependents[rule] {
            let input = &rules.rules[dependent].inputs()[place];
            let view = groups.view();
            let value = input.value.as_ref().filter(|field| view.any(field, &mut |_| true));
            let value = value.map(|field| digest(&[&view.text(field)]));
            let item = Item { inputs: 1 << place, value, ..item.clone() };
            queue.push(dependent, groups.text(&input.group), item);
        }
    }

    fn put(&mut self, rules: &RuleSet, Coming { rule, group, item }: Coming, queue: &mut Queue) {
        let window = self.windows[rule];
        let lane = match self.lanes[rule].get_mut(&group) {
            Some(lane) => lane,
            None => self.lanes[rule].entry(Arc::clone(&group)).or_default(),
        };
        let before = lane.len();
        let inserted = lane.insert(item, &window);
        self.items += lane.len() - before;
        let Some(inserted) = inserted.filter(|inserted| !inserted.full.is_empty()) else { return };
        if rules.rules[rule].raises {
            let id = |first| FindingId::of(&rules.rules[rule].id, &group, first);
            if inserted.newest {
                inserted.full.clone().for_each(|at| lane.follow(at, &window, id));
            } else {
                let settled = self.now.minus(self.lateness_ms).minus(window.pace.gap_ms);
                lane.refollow(settled, &window, id);
            }
            if !std::mem::replace(&mut lane.is_changed, true) {
                self.changed.insert((rule, Arc::clone(&group)));
            }
        }
        if self.dependents[rule].is_empty() {
            return;
        }
        let Some(lane) = self.lanes[rule].get(&group) else { return };
        for (at, _) in lane.hot(inserted.full.start).take_while(|(at, _)| *at < inserted.full.end) {
            let mut proof = lane.proof(at, &window);
            proof.truncate(MOST_PROOF);
            let item = Item { proof: Some(proof.into()), ..lane.item(at).clone() };
            let event = Arc::clone(&item.event);
            let view = View::of(&event);
            self.pass_on(rules, rule, &mut Groups::of(&view), &item, queue);
        }
    }

    /// Writes the changed episodes down as findings.
    fn tell(&mut self) {
        let known = self.changes.len();
        for (rule, group) in std::mem::take(&mut self.changed) {
            let Some(lane) = self.lanes[rule].get_mut(&group) else { continue };
            lane.is_changed = false;
            let mut episodes = std::mem::take(&mut lane.episodes);
            for episode in episodes.iter_mut().filter(|episode| episode.fresh) {
                episode.fresh = false;
                let window = &self.windows[rule];
                lane.tally(&mut episode.tally, episode.raised, episode.last, window);
                let finding = finding(&self.rules, rule, episode.id, episode.raised.0, &episode.tally);
                let told = (finding.events, finding.time, finding.last_seen);
                let change = match episode.told.replace(told) {
                    None => Change::Raised(finding),
                    Some(before) if before == told => continue,
                    Some(_) => Change::Grown(finding),
                };
                self.changes.push(change);
            }
            lane.episodes = episodes;
            for gone in std::mem::take(&mut lane.gone) {
                let absorbed = lane.absorber(gone).map(|by| Change::Absorbed { id: gone.id, by });
                self.changes.extend(absorbed);
            }
        }
        if let Some(behaviour) = &mut self.behaviour {
            self.changes[known..].iter_mut().for_each(|change| behaviour.weigh(change));
        }
    }

    fn forget(&mut self, lateness_ms: i64) {
        self.tell();
        let horizon = self.horizon_at(self.now);
        if let Some(behaviour) = &mut self.behaviour {
            behaviour.forget_asked(horizon);
        }
        let (now, settled) = (self.now, self.now.minus(lateness_ms));
        for (rule, (lanes, window)) in self.lanes.iter_mut().zip(&self.windows).enumerate() {
            let recent = settled.minus(self.rules.depth_ms(rule));
            lanes.retain(|_, lane| {
                lane.forget(window, recent.minus(window.pace.memory_ms()), recent);
                lane.episodes.retain(|episode| episode.last.0 >= settled.minus(window.pace.gap_ms));
                let is_over = |episode: &&mut Episode| episode.last.0 < now.minus(window.pace.gap_ms);
                lane.episodes.iter_mut().filter(is_over).for_each(|episode| episode.tally = Tally::default());
                !lane.is_empty()
            });
        }
        self.items = self.lanes.iter().flat_map(HashMap::values).map(Lane::len).sum();
    }

    /// There is more than memory is meant for: what came late is given up first.
    fn make_room(&mut self) {
        self.overlooked.crowded += 1;
        self.forget(0);
        if self.items > MOST_ITEMS {
            self.tell();
            self.lanes.iter_mut().for_each(HashMap::clear);
            self.items = 0;
        }
    }
}
