//! Addresses of people and objects that nobody should ask for: the same when written again, or refused by name.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;

proptest! {
    #[test]
    fn whatever_subjects_are_asked_for_are_read_and_written_the_same_or_refused(
        address in damaged_text(&["account=2&text=+spring+sale&days=90", "days=07&text=%E6%97%A5&account="]),
    ) {
        match Query::read(Some(&address)) {
            Ok(query) => {
                let href = query.href("/people", query.days);
                let again = Query::read(href.split_once('?').map(|(_, query)| query));
                prop_assert_eq!(again.ok(), Some(query), "{}", href);
            }
            Err(problem) => prop_assert_eq!(problem.field.as_deref(), Some("account"), "{}", problem.detail),
        }
    }
}
