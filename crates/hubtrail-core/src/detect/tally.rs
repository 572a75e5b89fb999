//! What the evidence of an episode comes to, kept while the episode grows: to tell of it again costs what is new.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::fold::{Acts, Mark, digest};
use super::lane::Moment;
use crate::event::Event;
use crate::finding::{Evidence, Finding};
use crate::sentence::harmless;
use crate::time::UtcMs;

/// How many objects a sentence may name.
const NAMED: usize = 4;

/// Evidence is added in order of time.
#[derive(Default)]
pub(super) struct Tally {
    /// The first of it, as much as a finding lists.
    pub(super) evidence: Arc<Vec<Evidence>>,
    pub(super) events: usize,
    pub(super) last: Option<Arc<Event>>,
    /// The first event that is not older than the moment at which the finding was raised.
    pub(super) completing: Option<Arc<Event>>,
    /// The newest full window that is in it.
    pub(super) up_to: Option<Moment>,
    /// Which inputs of the rule it came from, a bit for each.
    pub(super) inputs: u64,
    acts: Acts,
    kinds: BTreeMap<String, usize>,
    objects: HashSet<u64>,
    named: Vec<Arc<Event>>,
    changed: BTreeSet<String>,
}

impl Tally {
    pub(super) fn add(&mut self, proof: Evidence, raised: UtcMs) {
        let Evidence { id: _, event } = &proof;
        if self.acts.add(event.timestamp, Mark::of(event)) {
            self.count_kind(&event.object_type);
        }
        if self.objects.insert(digest(&[&event.object_type, &event.object_id])) && self.named.len() < NAMED {
            self.named.push(Arc::clone(event));
        }
        self.note_changed(event);
        if self.completing.is_none() && event.timestamp >= raised {
            self.completing = Some(Arc::clone(event));
        }
        self.events += 1;
        self.last = Some(Arc::clone(event));
        if self.evidence.len() < Finding::MOST_EVIDENCE {
            Arc::make_mut(&mut self.evidence).push(proof);
        }
    }

    pub(super) fn first(&self) -> Option<&Event> {
        self.evidence.first().map(|proof| proof.event.as_ref())
    }

    pub(super) fn acts(&self) -> usize {
        self.acts.count
    }

    /// How many acts there were on each type of object.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (&str, usize)> {
        self.kinds.iter().map(|(kind, count)| (kind.as_str(), *count))
    }

    pub(super) fn objects(&self) -> usize {
        self.objects.len()
    }

    /// An event for each of the first objects.
    pub(super) fn named(&self) -> impl Iterator<Item = &Event> {
        self.named.iter().map(AsRef::as_ref)
    }

    /// The settings that `meta` says were changed.
    pub(super) fn changed(&self) -> &BTreeSet<String> {
        &self.changed
    }

    fn count_kind(&mut self, kind: &str) {
        match self.kinds.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                self.kinds.insert(kind.to_owned(), 1);
            }
        }
    }

    fn note_changed(&mut self, event: &Event) {
        let Some(meta) = event.meta.as_deref().filter(|meta| meta.contains("\"changed\"")) else { return };
        let Ok(meta) = serde_json::from_str::<serde_json::Value>(meta) else { return };
        let keys = meta.get("changed").and_then(serde_json::Value::as_array).into_iter().flatten();
        self.changed.extend(keys.filter_map(|key| Some(harmless(key.as_str()?).into_owned())));
    }
}
