//! Addresses of people and objects that nobody should ask for: the same when written again, or refused by name.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;
use crate::ui::hostile::reads_back_or_is_refused;

proptest! {
    #[test]
    fn whatever_subjects_are_asked_for_are_read_and_written_the_same_or_refused(
        address in damaged_text(&["account=2&text=+spring+sale&days=90", "days=07&text=%E6%97%A5&account="]),
    ) {
        reads_back_or_is_refused(&address, Query::read, |query| query.href("/people", query.days))?;
    }
}
