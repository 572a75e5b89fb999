//! Rule files that nobody should write: each is used, or refused at a place in it, and none breaks the engine.

use std::sync::Arc;

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{event, identified, source};
use crate::damage::damaged_text;
use crate::detect::{Detector, LATENESS_MS, RuleSet};

const RULES: &[&str] = &[
    include_str!("../../../../../rules/mass_deletion.yml"),
    include_str!("../../../../../rules/code_then_publish.yml"),
    include_str!("../../../../../rules/suspicious_destination.yml"),
    include_str!("../../../../../rules/building_blocks.yml"),
    include_str!("../../../../../rules/wide_spree.yml"),
];

proptest! {
    #[test]
    fn whatever_is_given_as_rules_is_used_or_refused_at_its_place(text in damaged_text(RULES)) {
        let (set, problems) = RuleSet::load(&[source(&text)], &TimeZone::UTC);
        // YAML ends a line at a carriage return as well.
        let lines = text.split(['\n', '\r']).count();
        for problem in &problems {
            prop_assert!((1..=lines + 1).contains(&problem.place.line), "{} of {} lines", problem, lines);
            prop_assert!(problem.place.column > 0 && !problem.reason.is_empty(), "{}", problem);
        }
        let events = (0..40_i64).map(|n| {
            let (verb, kind) = match n % 3 {
                0 => ("DELETED", "LANDING_PAGE"),
                1 => ("UPDATED", "TEMPLATE"),
                _ => ("PUBLISHED", "BLOG_POST"),
            };
            event(n, if n % 2 == 0 { "7" } else { "8" }, verb, kind, &n.to_string())
        });
        let mut detector = Detector::new(Arc::new(set), LATENESS_MS);
        for (event, id) in identified(events.collect()) {
            detector.advance(event.timestamp);
            detector.observe(&event, id);
        }
        detector.changes();
    }
}
