//! What addresses that nobody should ask for must come to, whatever page they are of.

use std::fmt::Debug;

use proptest::prelude::*;

use crate::http::Problem;

/// What is read is the same when it is written and read again; what is not, is refused for the account or the place that it names.
pub(super) fn reads_back_or_is_refused<Q: Debug + PartialEq>(
    address: &str,
    read: impl Fn(Option<&str>) -> Result<Q, Problem>,
    href: impl Fn(&Q) -> String,
) -> Result<(), TestCaseError> {
    match read(Some(address)) {
        Ok(query) => {
            let href = href(&query);
            let again = read(href.split_once('?').map(|(_, query)| query));
            prop_assert_eq!(again.ok(), Some(query), "{}", href);
        }
        Err(problem) => {
            let field = problem.field.as_deref().unwrap_or_default();
            prop_assert!(["account", "from"].contains(&field), "{}: {}", field, problem.detail);
        }
    }
    Ok(())
}
