//! Accounts to choose from by name.

use std::str::FromStr;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// A company with a web team of two dozen people.
    #[default]
    Company,
    /// Machines do most of it: large tables, migrations.
    Bulk,
    /// A handful of people, a few changes a day.
    Quiet,
    /// Many people working for many clients.
    Agency,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no scenario `{0}` (use company, bulk, quiet or agency)")]
pub struct NoSuchPreset(String);

impl Preset {
    pub const ALL: [Self; 4] = [Self::Company, Self::Bulk, Self::Quiet, Self::Agency];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Bulk => "bulk",
            Self::Quiet => "quiet",
            Self::Agency => "agency",
        }
    }

    pub(super) const fn pace(self) -> Pace {
        match self {
            Self::Company => Pace {
                people: 24,
                per_day: 260.0,
                bulk_edit: 1.0,
                campaign_days: 14,
                migration_days: 50,
                is_agency: false,
            },
            Self::Bulk => Pace {
                people: 20,
                per_day: 3_000.0,
                bulk_edit: 8.0,
                campaign_days: 10,
                migration_days: 7,
                is_agency: false,
            },
            Self::Quiet => Pace {
                people: 9,
                per_day: 26.0,
                bulk_edit: 0.5,
                campaign_days: 40,
                migration_days: 300,
                is_agency: false,
            },
            Self::Agency => Pace {
                people: 44,
                per_day: 700.0,
                bulk_edit: 1.0,
                campaign_days: 5,
                migration_days: 25,
                is_agency: true,
            },
        }
    }
}

impl FromStr for Preset {
    type Err = NoSuchPreset;

    fn from_str(name: &str) -> Result<Self, NoSuchPreset> {
        Self::ALL
            .into_iter()
            .find(|preset| preset.as_str() == name)
            .ok_or_else(|| NoSuchPreset(name.chars().take(40).collect()))
    }
}

/// How large the account is and how busy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) people: usize,
    /// Records, on average over the week.
    pub(super) per_day: f64,
    /// How much more often than usual tables are edited in bulk.
    pub(super) bulk_edit: f64,
    /// The usual time between two of them.
    pub(super) campaign_days: i64,
    pub(super) migration_days: i64,
    pub(super) is_agency: bool,
}

/// No account shows us more than three years.
const LONGEST_DAYS: f64 = 1_096.0;

impl Pace {
    /// The pace at which `events` fit into the longest history; a busier account has more people.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a number of people"
    )]
    pub(super) fn fitting(self, events: usize) -> Self {
        let growth = (events as f64 / LONGEST_DAYS / self.per_day).max(1.0);
        Self {
            people: (self.people as f64 * growth.powf(0.7)) as usize,
            per_day: self.per_day * growth,
            ..self
        }
    }
}
