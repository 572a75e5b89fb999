//! Addresses of the queue that nobody should ask for: the same when written again, or refused by the name of a parameter.

use proptest::prelude::*;

use super::asked::Query;
use crate::damage::damaged_text;
use crate::ui::hostile::reads_back_or_is_refused;

const ADDRESSES: &[&str] = &[
    "part=malicious&severity=high&account=2&rule=mass_deletion&actor=7",
    "part=&severity=critical,low&rule=&actor=%E6%97%A5",
    "object=40&owner=me&from=1700000000000.42&page=3",
];

proptest! {
    #[test]
    fn whatever_findings_are_asked_for_are_read_and_written_the_same_or_refused(address in damaged_text(ADDRESSES)) {
        reads_back_or_is_refused(&address, Query::read, Query::href)?;
    }
}
