//! Faults of the emulated API: how often, which, and how the slow ones are paced.

use clap::Args;
use hubspot_audit_api::emulator::faults::{Fault, FaultPlan};

use super::word::{Length, share, word};

#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
pub(super) struct Faults {
    /// Share of the audit-log requests that are disturbed, from 0 to 1
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = usual().rate)]
    fault_rate: f64,
    /// Decides which requests are disturbed and which records are late [default: --seed]
    #[arg(long, value_name = "N")]
    pub(super) fault_seed: Option<u64>,
    /// What disturbed requests get [default: all that heal when asked again]
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = word!(Fault))]
    fault_kinds: Vec<Fault>,
    /// What the first audit-log requests get, in this order
    #[arg(long, value_name = "KIND", value_delimiter = ',', hide_possible_values = true, value_parser = word!(Fault))]
    pub(super) fault_first: Vec<Fault>,
    /// How long a request hangs
    #[arg(long, value_name = "LENGTH", default_value_t = Length(usual().hang))]
    fault_hang: Length,
    /// The pause between two pieces of a dripping body
    #[arg(long, value_name = "LENGTH", default_value_t = Length(usual().drip))]
    fault_drip: Length,
    /// Where a redirect leads
    #[arg(long, value_name = "ORIGIN", default_value_t = usual().redirect_to)]
    fault_redirect_to: String,
}

fn usual() -> FaultPlan {
    FaultPlan::default()
}

impl Faults {
    pub(super) fn plan(&self) -> FaultPlan {
        let kinds = if self.fault_kinds.is_empty() { usual().kinds } else { self.fault_kinds.clone() };
        FaultPlan {
            rate: self.fault_rate,
            kinds,
            hang: self.fault_hang.0,
            drip: self.fault_drip.0,
            redirect_to: self.fault_redirect_to.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        faults: Faults,
    }

    #[test]
    fn without_flags_nothing_is_disturbed_and_kinds_can_be_chosen() {
        let plan =
            |flags: &[&str]| Alone::try_parse_from([&["alone"], flags].concat()).unwrap().faults.plan();
        assert_eq!(plan(&[]), usual());
        let some = plan(&["--fault-rate", "0.1", "--fault-kinds", "reset,429-daily", "--fault-hang", "2s"]);
        assert_eq!(
            (some.rate, some.kinds, some.hang),
            (0.1, vec![Fault::Reset, Fault::DailyLimit], Duration::from_secs(2))
        );
        assert!(Alone::try_parse_from(["alone", "--fault-rate", "2"]).is_err());
    }
}
