//! Addresses of the status page that nobody should ask for: the same when written again, or refused by name.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;
use crate::ui::hostile::reads_back_or_is_refused;

proptest! {
    #[test]
    fn whatever_connectors_are_asked_for_are_read_and_written_the_same_or_refused(
        address in damaged_text(&["state=act&search=+acme+corp&account=2", "account=&state=%ff&search=%E6%97%A5"]),
    ) {
        reads_back_or_is_refused(&address, Query::read, |query| query.href(&query.state))?;
    }
}
