//! What stands in the way of a walk is told in the same words, and is over with the next page.

use std::collections::BTreeMap;

use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::record::Record;
use hubtrail::collect::CollectError;
use hubtrail::store::Failure;

use super::{assert_told, reads_as, rows};
use crate::lab::{Lab, record};

pub(super) const CAUSED: &[&str] = &["not-credible", "gap", "internal"];

const DAY_MS: i64 = 86_400_000;

async fn lab() -> Lab {
    let lab = Lab::new(Behaviour { max_limit: 1_000, ..Behaviour::default() }, 7, vec![]).await;
    let from = lab.clock.now().0 - DAY_MS;
    lab.emulator.push((0..40).map(|n| record(from + n * 1_000, 1, 1, 1)).collect());
    lab
}

fn standing(lab: &Lab) -> Vec<Failure> {
    lab.store.facts().unwrap().pop().map(|facts| facts.failures).unwrap_or_default()
}

#[tokio::test]
async fn a_walk_that_fails_says_so_in_the_words_of_its_row_until_it_succeeds() {
    let lab = lab().await;
    let stages = BTreeMap::from([
        ("token-unknown", "Authentication"),
        ("scope-missing", "Permissions"),
        ("plan", "Permissions"),
        ("not-credible", ""),
    ]);
    for (code, faults) in [
        ("token-unknown", vec![Fault::Unauthenticated]),
        ("scope-missing", vec![Fault::MissingScope]),
        ("plan", vec![Fault::WrongPlan]),
        ("not-credible", vec![Fault::Unordered; 6]),
    ] {
        lab.emulator.faults().extend(faults);
        assert!(lab.once(1).await.is_err(), "{code}");
        lab.emulator.faults().clear();
        let failure = standing(&lab).remove(0);
        assert_eq!(failure.code, code);
        assert_told(code, stages[code], &failure.message, &failure.fix);
    }
    lab.once(1).await.unwrap();
    assert_eq!(standing(&lab), [], "the next walk that ends clears it");
}

#[tokio::test]
async fn a_gap_is_told_as_it_is_written() {
    let lab = Lab::new(Behaviour { max_limit: 10, ..Behaviour::default() }, 10, vec![]).await;
    let at = lab.clock.now().0 - DAY_MS;
    let row = |n: i64| Record { meta: Some(format!(r#"{{"row":{n}}}"#)), ..record(at, 1, 1, 1) };
    lab.emulator.push((0..50).map(row).collect());
    let error = lab.once(1).await.unwrap_err();
    assert_told(error.code(), "", &error.to_string(), &error.fix());
    assert_eq!(error.code(), "gap");
}

#[test]
fn what_is_wrong_with_the_log_leads_to_the_doctor() {
    let error = CollectError::Stopped("the disk is full".to_owned());
    assert!(reads_as(&error.fix(), &rows()[error.code()].fix));
    assert_eq!(error.code(), "internal");
}
