//! How many alerts in 30 days are wanted of an account: as many as of the others, unless it has a number of its own.

use std::fmt;
use std::str::FromStr;

use super::Invalid;

const MOST: u32 = 1_000;
const FIX: &str = "write default, or a whole number of alerts in 30 days from 0 to 1000";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlertBudget {
    /// What the configuration says for all accounts.
    #[default]
    AsOthers,
    Alerts(u32),
}

impl AlertBudget {
    #[must_use]
    pub fn alerts(self, others: f64) -> f64 {
        match self {
            Self::AsOthers => others,
            Self::Alerts(alerts) => f64::from(alerts),
        }
    }

    pub(super) fn check(self) -> Result<(), Invalid> {
        match self {
            Self::Alerts(alerts) if alerts > MOST => {
                Err(refused(format!("{alerts} alerts a month are more than anybody reads")))
            }
            _ => Ok(()),
        }
    }
}

fn refused(reason: String) -> Invalid {
    Invalid { field: "alert_budget", reason, fix: FIX }
}

impl fmt::Display for AlertBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsOthers => f.write_str("default"),
            Self::Alerts(alerts) => write!(f, "{alerts}"),
        }
    }
}

impl FromStr for AlertBudget {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if text == "default" {
            return Ok(Self::AsOthers);
        }
        let alerts = text.parse().map_err(|_| refused(format!("`{text}` is not a number of alerts")))?;
        let budget = Self::Alerts(alerts);
        budget.check().map(|()| budget)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_says_how_many_alerts() {
        for (text, budget, alerts) in [
            ("default", AlertBudget::AsOthers, 5.0),
            ("0", AlertBudget::Alerts(0), 0.0),
            ("12", AlertBudget::Alerts(12), 12.0),
        ] {
            assert_eq!(text.parse(), Ok(budget));
            assert_eq!((budget.to_string().as_str(), budget.alerts(5.0)), (text, alerts));
        }
    }

    #[test]
    fn what_is_no_number_of_alerts_is_refused_with_what_to_write() {
        for text in ["", "-1", "2.5", "1001", "99999999999", "many", "Default"] {
            let refused = text.parse::<AlertBudget>().unwrap_err();
            assert_eq!((refused.field, refused.fix), ("alert_budget", FIX), "{text}");
        }
    }
}
