//! The evidence of a finding, to scale: one lane for each object, and every event as a sentence.

use hubtrail_core::sentence::{Sentence, harmless, noun};

use crate::connector::ConnectorId;
use crate::store::{Proof, Side};
use crate::ui::deed::Deed;
use crate::ui::lanes::{Lane, Scale, Tick};
use crate::ui::leader;
use crate::ui::viewer::Taste;
use crate::ui::when::{Clock, When};

/// More lanes are not read; the table below has all events.
const MOST_LANES: usize = 24;

pub(super) struct Picture {
    pub(super) scale: Scale,
    pub(super) unusual: Vec<(f64, f64)>,
    pub(super) lanes: Vec<Object>,
    /// Objects that have no lane.
    pub(super) more: usize,
}

pub(super) struct Object {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) href: String,
    pub(super) ticks: Vec<Tick>,
}

/// One event of the evidence.
pub(super) struct Fact {
    pub(super) clock: Clock,
    pub(super) deed: Deed,
    pub(super) told: String,
    /// Where the log has it; 0: what was not copied in time has no place there.
    pub(super) position: i64,
}

impl Picture {
    pub(super) fn of(
        proofs: &[Proof],
        account: ConnectorId,
        week: Option<&[[u64; 24]; 7]>,
        taste: &Taste,
    ) -> Option<Self> {
        let (first, last) = (proofs.first()?.event.timestamp, proofs.last()?.event.timestamp);
        let scale = Scale::over(first, last, taste.zone.clone());
        let mut lanes: Vec<(String, Object)> = Vec::new();
        let mut more = std::collections::HashSet::new();
        for proof in proofs {
            let event = &proof.event;
            let key = format!("{} {}", event.object_type, event.object_id);
            let at = match lanes.iter().position(|(own, _)| *own == key) {
                Some(at) => at,
                None if lanes.len() < MOST_LANES => {
                    lanes.push((
                        key,
                        Object {
                            name: leader::named(Side::Objects, &event.object_name, &event.object_id),
                            kind: noun(&event.object_type).into_owned(),
                            href: leader::href(Side::Objects, account, &event.object_id),
                            ticks: Vec::new(),
                        },
                    ));
                    lanes.len() - 1
                }
                None => {
                    more.insert(key);
                    continue;
                }
            };
            let when = When { at: event.timestamp, now: taste.now, zone: taste.zone.clone() };
            let told = format!("{} · {}", Sentence::of(event), when.exact());
            lanes[at].1.ticks.push(Tick { at: event.timestamp, deed: Deed::of(&event.event), told });
        }
        let unusual = week.map(|week| scale.unusual(week)).unwrap_or_default();
        Some(Self {
            scale,
            unusual,
            lanes: lanes.into_iter().map(|(_, lane)| lane).collect(),
            more: more.len(),
        })
    }

    pub(super) fn lane<'a>(&'a self, object: &'a Object) -> Lane<'a> {
        Lane { scale: &self.scale, ticks: &object.ticks, unusual: &self.unusual }
    }
}

impl Fact {
    pub(super) fn of(proof: &Proof, taste: &Taste) -> Self {
        let event = &proof.event;
        Self {
            clock: Clock(When { at: event.timestamp, now: taste.now, zone: taste.zone.clone() }),
            deed: Deed::of(&event.event),
            told: harmless(&Sentence::of(event).to_string()).into_owned(),
            position: proof.position.0,
        }
    }
}
