//! What is usual or not about one event, as fields that rules can ask for.

use serde::{Deserialize, Serialize};

use super::baseline::Reading;

/// How usual an event is; none where it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::detect) struct Fields(pub(super) Reading);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::detect) enum Measure {
    RarityBits,
    PeerRarityBits,
    FirstSeenUserType,
    FirstSeenUserEvent,
    UserDormantDays,
    UserKnownDays,
    HourRarity,
    ObjectOfOthers,
}

impl Measure {
    pub(in crate::detect) const ALL: [Self; 8] = [
        Self::RarityBits,
        Self::PeerRarityBits,
        Self::FirstSeenUserType,
        Self::FirstSeenUserEvent,
        Self::UserDormantDays,
        Self::UserKnownDays,
        Self::HourRarity,
        Self::ObjectOfOthers,
    ];

    pub(in crate::detect) const fn name(self) -> &'static str {
        match self {
            Self::RarityBits => "behaviour.rarity_bits",
            Self::PeerRarityBits => "behaviour.peer_rarity_bits",
            Self::FirstSeenUserType => "behaviour.first_seen_user_type",
            Self::FirstSeenUserEvent => "behaviour.first_seen_user_event",
            Self::UserDormantDays => "behaviour.user_dormant_days",
            Self::UserKnownDays => "behaviour.user_known_days",
            Self::HourRarity => "behaviour.hour_rarity",
            Self::ObjectOfOthers => "behaviour.object_of_others",
        }
    }

    pub(in crate::detect) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

impl Fields {
    /// As rules compare it: numbers with one decimal, truths as words.
    pub(in crate::detect) fn value(&self, measure: Measure) -> Option<String> {
        let number = |value: f32| Some(format!("{value:.1}"));
        let truth = |value: bool| Some(value.to_string());
        match measure {
            Measure::RarityBits => number(self.0.rarity),
            Measure::PeerRarityBits => number(self.0.peer_rarity),
            Measure::FirstSeenUserType => truth(self.0.is_novel_type),
            Measure::FirstSeenUserEvent => truth(self.0.is_novel),
            Measure::UserDormantDays => self.0.dormant_days.and_then(number),
            Measure::UserKnownDays => self.0.known_days.and_then(number),
            Measure::HourRarity => number(self.0.hour_rarity),
            Measure::ObjectOfOthers => truth(self.0.is_of_others),
        }
    }
}
