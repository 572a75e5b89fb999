//! Query strings that nobody should send: read, or refused by the name of a parameter.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;
use crate::http::selection::{Range, Selection};

const QUERIES: &[&str] = &[
    "account=acme,1&eventType=DELETED&eventType=UPDATED,CREATED&objectType=LANDING_PAGE&objectId=1&userId=7",
    "text=spring%20sale&after=30d&before=2026-11-08T00%3A00%3A00Z",
    "after=1710081138123&before=now&text=%E6%97%A5+%22x%22",
];

proptest! {
    #[test]
    fn whatever_is_asked_is_read_or_refused_by_name(query in damaged_text(QUERIES)) {
        if let Err(refused) = read::<(Selection, Range)>(&query) {
            let problem = Problem::from(refused);
            prop_assert!(problem.field.is_some(), "{}", problem.detail);
            prop_assert!(!problem.detail.is_empty() && problem.fix.is_some());
        }
    }
}
