//! What a lens sees of an act: side by side in memory, as all of it is looked at again with each further act.

use std::sync::Arc;

use super::act::Act;
use super::kind::{Class, Deed, Kind};
use crate::time::UtcMs;

/// An act in a lens.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) act: Arc<Act>,
    pub(super) at: UtcMs,
    pub(super) kind: Kind,
    pub(super) rarity: f32,
    pub(super) peer_rarity: f32,
    pub(super) hour_rarity: f32,
    /// A bit for each of [`Trait`].
    traits: u16,
}

/// What is counted of the acts in a lens.
#[derive(Clone, Copy)]
pub(super) enum Trait {
    Novel,
    Deep,
    Strange,
    Others,
    Undone,
    Unpublished,
    Created,
    Control,
}

impl Seen {
    pub(super) fn of(act: &Arc<Act>) -> Self {
        let Act { reading, deed, .. } = act.as_ref();
        let traits = [
            (Trait::Novel, reading.is_novel),
            (Trait::Deep, deed.destroys() && act.class != Class::Content),
            (Trait::Strange, reading.is_strange && *deed != Deed::Created),
            (Trait::Others, reading.is_of_others),
            (Trait::Undone, act.is_undone && !act.is_landing_page),
            (Trait::Unpublished, *deed == Deed::Unpublished),
            (Trait::Created, *deed == Deed::Created),
            (Trait::Control, act.control.is_some()),
        ];
        Self {
            act: Arc::clone(act),
            at: act.at,
            kind: act.kind,
            rarity: reading.rarity,
            peer_rarity: reading.peer_rarity,
            hour_rarity: reading.hour_rarity,
            traits: traits.into_iter().fold(0, |bits, (of, is)| bits | u16::from(is) << of as u16),
        }
    }

    pub(super) fn is(&self, of: Trait) -> bool {
        self.traits >> of as u16 & 1 != 0
    }
}
