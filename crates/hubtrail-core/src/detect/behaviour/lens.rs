//! Lenses: what one looks for at a time. Each sees a part of what a person did lately, and only that part
//! is evidence of what it finds.

use serde::{Deserialize, Serialize};

use super::act::Act;
use super::kind::{Class, Control, Deed};

const HOUR_MS: i64 = 3_600_000;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// A pause that ends a session.
pub(super) const SESSION_GAP_MS: i64 = HOUR_MS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Lens {
    /// Things deleted or taken offline.
    Destruction,
    /// Redirects, domains, settings and functions.
    Control,
    /// Templates, modules, scripts and functions.
    Code,
    /// Landing pages, e-mails and calls-to-action, with the files around them.
    Outreach,
    /// Whatever is done at an hour that is unusual for the person.
    Hours,
    /// Everything but the ordinary editing of content.
    Mixture,
}

impl Lens {
    pub const COUNT: usize = 6;
    pub const ALL: [Self; Self::COUNT] =
        [Self::Destruction, Self::Control, Self::Code, Self::Outreach, Self::Hours, Self::Mixture];

    pub(super) const fn index(self) -> usize {
        self as usize
    }

    pub(super) fn sees(self, act: &Act) -> bool {
        match self {
            Self::Destruction => act.deed.destroys(),
            Self::Control => act.class == Class::Control,
            Self::Code => act.class == Class::Code || act.control == Some(Control::Function),
            Self::Outreach => {
                act.class == Class::Outreach || act.is_undone || (act.is_file && act.deed == Deed::Created)
            }
            Self::Hours => true,
            Self::Mixture => act.deed.destroys() || act.class != Class::Content,
        }
    }

    /// How far back it looks.
    pub(super) const fn window_ms(self) -> i64 {
        match self {
            Self::Destruction | Self::Outreach | Self::Mixture => 4 * DAY_MS,
            Self::Control | Self::Code => 12 * HOUR_MS,
            Self::Hours => 3 * HOUR_MS,
        }
    }

    /// A pause after which it looks at what comes as something new.
    pub(super) const fn link_ms(self) -> i64 {
        match self {
            Self::Destruction | Self::Outreach | Self::Mixture => 30 * HOUR_MS,
            Self::Control | Self::Code => 12 * HOUR_MS,
            Self::Hours => SESSION_GAP_MS,
        }
    }

    /// As its findings are called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Destruction => "Unusual removal of content",
            Self::Control => "Unusual change of redirects, domains, settings or functions",
            Self::Code => "Unusual change of templates, modules or scripts",
            Self::Outreach => "Unusual campaign",
            Self::Hours => "Unusual hours",
            Self::Mixture => "Unusual mixture of work",
        }
    }

    /// What stands as the rule in its findings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Destruction => "behaviour.destruction",
            Self::Control => "behaviour.control",
            Self::Code => "behaviour.code",
            Self::Outreach => "behaviour.outreach",
            Self::Hours => "behaviour.hours",
            Self::Mixture => "behaviour.mixture",
        }
    }

    /// Techniques of ATT&CK that it would show, the current id and older ones of it.
    pub(super) const fn attack(self) -> &'static [&'static str] {
        match self {
            Self::Destruction => &["T1485", "T1078.004"],
            Self::Control => &["T1565.001", "T1078.004"],
            Self::Code => &["T1189", "T1078.004"],
            Self::Outreach => &["T1566.002", "T1078.004"],
            Self::Hours | Self::Mixture => &["T1078.004"],
        }
    }

    pub(super) const fn response(self) -> &'static str {
        match self {
            Self::Destruction => {
                "Ask the person. If it was not them, end their sessions and restore what is gone."
            }
            Self::Control => "Ask the person, and look where the addresses lead now.",
            Self::Code => "Compare the code with its last version and look for foreign scripts.",
            Self::Outreach => {
                "Look at what was sent or shown to whom, and take it offline if nobody knows of it."
            }
            Self::Hours => "Ask the person whether they were at work then.",
            Self::Mixture => {
                "Ask the person. If it was not them, end their sessions and look through the evidence."
            }
        }
    }
}
