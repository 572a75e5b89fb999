//! The model: one list of records, and every freedom that HubSpot's documentation leaves to its server.

use std::collections::{BTreeMap, VecDeque};

use serde_json::value::RawValue;

use super::*;
use crate::event::Event;
use crate::identity::{AccountKey, identify};
use crate::page::Seen;
use crate::stream::Stream;

const TYPES: [&str; 4] = ["BLOG_POST", "LANDING_PAGE", "HUBDB_TABLE", "DOMAIN"];
const EVENTS: [&str; 3] = ["CREATED", "UPDATED", "DELETED"];

pub(super) fn record(at: i64, kind: u32, object: u32, extra: &str) -> String {
    let (event, object_type) = (EVENTS[kind as usize % 3], TYPES[kind as usize % 4]);
    format!(
        r#"{{{extra}"timestamp":"{at}","userId":"{}","event":"{event}","objectType":"{object_type}","objectId":"{object}"}}"#,
        object % 5
    )
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cursor {
    Ms,
    Iso,
    Opaque,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Repeat,
    Empty,
    EmptyWithCursor,
    Hole,
    Reverse,
}

#[derive(Clone, Debug)]
pub(super) struct Quirks {
    pub(super) inclusive: bool,
    pub(super) cursor: Cursor,
    pub(super) grain: i64,
    pub(super) most: Option<usize>,
    pub(super) last_cursor: bool,
    pub(super) unparsed: bool,
    pub(super) refuses: Option<&'static str>,
    /// Cursors are no longer good by the time they are followed.
    pub(super) expired: bool,
    /// Oldest first, a request looks at so much time only: where nothing is in it, the page is empty and has a cursor.
    pub(super) scans: Option<i64>,
    pub(super) now: i64,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            inclusive: false,
            cursor: Cursor::Ms,
            grain: 1,
            most: None,
            last_cursor: false,
            unparsed: false,
            refuses: None,
            expired: false,
            scans: None,
            now: 10_000_000,
        }
    }
}

pub(super) struct Hostile {
    records: Vec<(Event, Box<RawValue>)>,
    hidden: BTreeMap<usize, i64>,
    pub(super) quirks: Quirks,
    pub(super) faults: VecDeque<Option<Fault>>,
    pub(super) requests: usize,
    pub(super) previous: Page,
}

impl Hostile {
    pub(super) fn new(records: Vec<String>, quirks: Quirks) -> Self {
        let parse = |raw: String| (Event::read(&raw).unwrap(), RawValue::from_string(raw).unwrap());
        Self {
            records: records.into_iter().map(parse).collect(),
            hidden: BTreeMap::new(),
            quirks,
            faults: VecDeque::new(),
            requests: 0,
            previous: Page::default(),
        }
    }

    pub(super) fn forget_before(&mut self, at: i64) {
        self.records.retain(|(event, _)| event.timestamp.0 >= at);
    }

    /// Records that become visible only so long after their time; the clock starts at their beginning.
    pub(super) fn hide(&mut self, late: &[(usize, i64)]) {
        self.quirks.now = 0;
        for (index, (event, _)) in self.records.iter().enumerate() {
            self.hidden.insert(index, event.timestamp.0);
        }
        for &(index, by) in late {
            if let Some(visible) = self.hidden.get_mut(&index) {
                *visible += by;
            }
        }
    }

    /// Time goes by; false when nothing is hidden any more.
    pub(super) fn pass(&mut self, ms: i64) -> bool {
        self.quirks.now += ms;
        let now = self.quirks.now;
        self.hidden.retain(|_, visible| *visible > now);
        !self.hidden.is_empty()
    }

    pub(super) fn truth(&self) -> Vec<Seen> {
        self.records.iter().map(|(_, raw)| Seen::read(raw.clone())).collect()
    }

    /// Whether some instant is so dense that no two passes by disjoint dimensions get through it. With
    /// a bound cut to seconds a whole second is as dense; what can be proved of it is not predicted here. A
    /// server that always promises more, and has one instant only, may hide its clamp.
    pub(super) fn has_instant_beyond_reach(&self) -> bool {
        let one_instant = self.records.windows(2).all(|pair| pair[0].0.timestamp == pair[1].0.timestamp);
        if self.quirks.last_cursor && one_instant {
            return true;
        }
        let Some(most) = self.quirks.most else { return false };
        if self.quirks.grain > 1 {
            return self.records.len() > most;
        }
        let through = |dimensions: &[Dimension]| {
            let mut alike: BTreeMap<(i64, Vec<&str>), usize> = BTreeMap::new();
            for (event, _) in &self.records {
                *alike
                    .entry((event.timestamp.0, dimensions.iter().map(|d| d.of(event)).collect()))
                    .or_default() += 1;
            }
            alike.values().all(|&count| count < most)
        };
        let subset = |bits: usize| -> Vec<Dimension> {
            Dimension::ALL.into_iter().filter(|dimension| bits & (1 << dimension.index()) != 0).collect()
        };
        !(1..16).any(|bits| through(&subset(bits)) && (1..16).any(|b| b & bits == 0 && through(&subset(b))))
    }

    pub(super) fn answer(&mut self, request: &PageRequest) -> Result<Page, Refusal> {
        self.requests += 1;
        assert!(self.requests < 60_000, "the walk does not end");
        let refused = |dimension| {
            request.filter.values(dimension).iter().any(|v| Some(v.as_str()) == self.quirks.refuses)
        };
        if Dimension::ALL.into_iter().any(refused) {
            return Err(Refusal::Parameter);
        }
        if self.quirks.expired && matches!(request.bound, Bound::Cursor(_)) {
            return Err(Refusal::Parameter);
        }
        let honest = self.page(request);
        let page = match self.faults.pop_front().flatten() {
            None => honest,
            Some(Fault::Repeat) => self.previous.clone(),
            Some(Fault::Empty) => Page { hub_now: honest.hub_now, ..Page::default() },
            Some(Fault::EmptyWithCursor) => self.empty_with_cursor(request, honest),
            Some(Fault::Hole) => {
                let keep = honest.records.len() / 2;
                Page { records: honest.records.into_iter().skip(keep).collect(), ..honest }
            }
            Some(Fault::Reverse) => Page { records: honest.records.into_iter().rev().collect(), ..honest },
        };
        self.previous = page.clone();
        Ok(page)
    }

    /// A scan that found nothing yet: the cursor stands where the request did.
    fn empty_with_cursor(&self, request: &PageRequest, honest: Page) -> Page {
        let next = match (&request.bound, honest.next) {
            (_, None) => None,
            (Bound::Cursor(cursor), _) => Some(cursor.clone()),
            (Bound::After(at), _) => Some(at.to_string()),
            (Bound::Oldest, _) => Some(UtcMs(0).to_string()),
        };
        Page { records: vec![], next, hub_now: honest.hub_now }
    }

    /// Up to where a request looks.
    fn looks_to(&self, request: &PageRequest) -> Option<i64> {
        let scans = self.quirks.scans.filter(|_| request.order == Order::OldestFirst)?;
        let from = match &request.bound {
            Bound::Oldest => self.records.first().map_or(self.quirks.now, |(event, _)| event.timestamp.0),
            Bound::After(at) => at.0,
            Bound::Cursor(cursor) => {
                cursor.trim_start_matches('s').parse::<UtcMs>().map_or(self.quirks.now, |at| at.0)
            }
        };
        Some(from + scans).filter(|&to| to < self.quirks.now)
    }

    fn page(&self, request: &PageRequest) -> Page {
        let mut matching: Vec<usize> = self.matching(request);
        let looks_to = self.looks_to(request);
        matching.retain(|&n| looks_to.is_none_or(|to| self.records[n].0.timestamp.0 <= to));
        let limit = (request.limit as usize).min(self.quirks.most.unwrap_or(usize::MAX));
        let taken: Vec<usize> = matching.iter().copied().take(limit).collect();
        let more = matching.len() > taken.len() || (self.quirks.last_cursor && !taken.is_empty());
        let next = taken.last().filter(|_| more).map(|&last| match self.quirks.cursor {
            Cursor::Ms => self.records[last].0.timestamp.0.to_string(),
            Cursor::Iso => self.records[last].0.timestamp.to_string(),
            Cursor::Opaque => format!("c{last}"),
        });
        let next = next.or_else(|| looks_to.map(|to| format!("s{to}")));
        let mut records: Vec<Seen> = taken.iter().map(|&n| Seen::read(self.records[n].1.clone())).collect();
        if self.quirks.unparsed && records.len() > 3 && request.order == Order::OldestFirst {
            records.insert(2, Seen::read(RawValue::from_string("42".into()).unwrap()));
        }
        Page { records, next, hub_now: Some(UtcMs(self.quirks.now)) }
    }

    fn matching(&self, request: &PageRequest) -> Vec<usize> {
        let opaque = match &request.bound {
            Bound::Cursor(cursor) => cursor.strip_prefix('c').and_then(|n| n.parse::<usize>().ok()),
            _ => None,
        };
        let after = match &request.bound {
            Bound::Oldest => i64::MIN,
            Bound::After(at) => at.0.div_euclid(self.quirks.grain) * self.quirks.grain,
            Bound::Cursor(cursor) => {
                cursor.trim_start_matches('s').parse::<UtcMs>().map_or(i64::MIN, |at| at.0)
            }
        };
        let behind = |n: usize, at: i64| match opaque {
            Some(last) => n > last,
            None => at > after || (self.quirks.inclusive && at == after),
        };
        let mut matching: Vec<usize> = (0..self.records.len())
            .filter(|&n| !self.hidden.contains_key(&n))
            .filter(|&n| {
                let event = &self.records[n].0;
                let before = request.before.is_none_or(|before| event.timestamp < before);
                before && behind(n, event.timestamp.0) && request.filter.allows(event)
            })
            .collect();
        if request.order == Order::NewestFirst {
            matching.reverse();
        }
        matching
    }
}

/// A log in memory, and the loop that a collector runs.
#[derive(Default)]
pub(super) struct Log {
    pub(super) entries: BTreeMap<EventId, Option<Event>>,
    pub(super) checkpoint: Checkpoint,
    pub(super) gaps: Vec<Gap>,
    pub(super) withdrawn: Option<UtcMs>,
    /// What each walk starts out knowing about the server.
    pub(super) server: Server,
}

impl Log {
    pub(super) fn walk(
        &mut self,
        server: &mut Hostile,
        kind: WalkKind,
        point: WalkPoint,
        page_size: u32,
    ) -> Outcome {
        self.walk_pages(server, kind, point, page_size, usize::MAX).unwrap_or(Outcome::Ended)
    }

    pub(super) fn walk_pages(
        &mut self,
        server: &mut Hostile,
        kind: WalkKind,
        point: WalkPoint,
        page_size: u32,
        pages: usize,
    ) -> Option<Outcome> {
        let disputed = self.checkpoint.disputed.clone();
        let options = Options { kind, page_size, filter: Filter::default(), server: self.server, disputed };
        let mut walk = Walk::new(point, options);
        for _ in 0..pages {
            match walk.step() {
                Step::Over(outcome) => {
                    self.server = walk.server();
                    return Some(outcome);
                }
                Step::Learn(dimension) => {
                    let seen: Vec<String> =
                        self.events().map(|event| dimension.of(event).to_owned()).collect();
                    walk.learn(dimension, seen);
                }
                Step::Ask(ask) => {
                    let Ask { request, held } = *ask;
                    let held = held.and_then(|held| self.oldest(&held));
                    let observed = match server.answer(&request) {
                        Err(refusal) => walk.refused(refusal),
                        Ok(page) => {
                            let ids = identify(&AccountKey("a".into()), Stream::Content, &page.records);
                            let observed = walk.observe(&page, &ids, held, UtcMs(0));
                            self.append(&page, &ids);
                            observed
                        }
                    };
                    observed.changes.iter().for_each(|change| self.checkpoint.apply(change));
                    self.gaps.extend(observed.gaps);
                    self.withdrawn = self.withdrawn.or(observed.withdrawn);
                }
            }
        }
        None
    }

    fn append(&mut self, page: &Page, ids: &[EventId]) {
        for (seen, id) in page.records.iter().zip(ids) {
            self.entries.entry(*id).or_insert_with(|| seen.event.clone().ok());
        }
    }

    fn events(&self) -> impl Iterator<Item = &Event> {
        self.entries.values().flatten()
    }

    fn oldest(&self, held: &Held) -> Option<UtcMs> {
        let within = |event: &&Event| held.from.is_none_or(|from| event.timestamp >= from);
        self.events()
            .filter(within)
            .filter(|event| held.filter.allows(event))
            .map(|event| event.timestamp)
            .min()
    }

    pub(super) fn assert_equals(&self, server: &Hostile) {
        let truth = identify(&AccountKey("a".into()), Stream::Content, &server.truth());
        let missing = truth.iter().filter(|id| !self.entries.contains_key(id)).count();
        let invented = self.events().count() - (truth.len() - missing);
        assert_eq!((missing, invented), (0, 0), "missing and invented of {}", truth.len());
    }
}
