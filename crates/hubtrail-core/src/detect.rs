//! Detection: Sigma rules over HubSpot's events, by the time at which things happened.
//!
//! Pure: no IO and no clock. Whatever order events arrive in, within the allowed lateness, the findings
//! are the same; a late event completes or extends a finding and never invents one.

mod behaviour;
mod check;
mod condition;
mod correlation;
mod detector;
mod document;
mod episode;
mod example;
mod explain;
mod expression;
mod field;
mod fold;
mod glob;
mod lane;
mod problem;
mod raised;
mod reason;
mod rule;
mod selection;
mod set;
mod tally;
mod trial;
mod yaml;

pub use behaviour::{
    Alert, BUDGET, Behaviour, Lens, NotLearned, Row, Settings, Signal, Signals, Standing, Verdict, WATCH_MS,
};
pub use detector::{Change, Detector, LATENESS_MS, Overlooked};
pub use example::Example;
pub use problem::{Place, Problem};
pub use rule::{Layer, Origin, Rule};
pub use set::{RuleSet, Source};
pub use trial::Failed;

#[cfg(test)]
mod tests;
