//! Queries that no client should send: read, or refused by the name of a parameter.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;

const QUERIES: &[&str] = &[
    "objectType=LANDING_PAGE,BLOG_POST&eventType=UPDATED%2CCREATED&userId=1011561&limit=10&sort=-timestamp",
    "after=1710081138123&before=2024-03-10T15%3A32%3A18%2B01:00&limit=100&sort=timestamp",
    "after=00ff-token&objectId=1&objectId=2",
];

proptest! {
    #[test]
    fn whatever_is_asked_is_read_or_refused_by_name(
        query in damaged_text(QUERIES),
        arrays in proptest::sample::select(vec![ArrayForm::Comma, ArrayForm::Repeated, ArrayForm::Both]),
    ) {
        match Query::parse(&query, arrays) {
            Ok(read) => {
                prop_assert_ne!(read.limit, Some(0));
                for dimension in Dimension::ALL {
                    prop_assert!(read.filter.values(dimension).is_sorted_by(|one, next| one < next));
                }
            }
            Err(ApiError::Invalid { parameter, message, .. }) => {
                prop_assert!(["before", "limit", "sort"].contains(&parameter), "{}: {}", parameter, message);
                prop_assert!(message.chars().count() < 200, "{}", message);
            }
            Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
        }
    }
}
