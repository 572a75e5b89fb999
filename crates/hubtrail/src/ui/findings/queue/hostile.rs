//! Addresses of the queue that nobody should ask for: the same when written again, or refused by the name of a parameter.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;

const ADDRESSES: &[&str] = &[
    "part=malicious&severity=high&account=2&rule=mass_deletion&actor=7",
    "part=&severity=critical,low&rule=&actor=%E6%97%A5",
];

proptest! {
    #[test]
    fn whatever_findings_are_asked_for_are_read_and_written_the_same_or_refused(address in damaged_text(ADDRESSES)) {
        match Query::read(Some(&address)) {
            Ok(query) => {
                let part = Part::ALL.into_iter().find(|(.., part)| *part == query.part).map(|(word, ..)| word);
                let href = query.href(part.unwrap_or_default(), query.severity);
                let again = Query::read(href.split_once('?').map(|(_, query)| query));
                prop_assert_eq!(again.ok(), Some(query), "{}", href);
            }
            Err(problem) => prop_assert_eq!(problem.field.as_deref(), Some("account"), "{}", problem.detail),
        }
    }
}
