//! Addresses that nobody should ask for, and words that nobody should type: read, or refused by the name of a parameter;
//! and what was read is the same when its own address is read again.

use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::query::Query;
use super::{Asked, typed};
use crate::access::{Accounts, Caller, Role, Who};
use crate::damage::damaged_text;
use crate::http::Problem;
use crate::moment::Moment;

const NOW: UtcMs = UtcMs(1_710_081_138_123);
const ADDRESSES: &[&str] = &[
    "account=2&eventType=DELETED&eventType=UPDATED,CREATED&objectType=LANDING_PAGE&objectId=1&userId=7&from=1700000000000.42",
    "text=spring%20sale&after=30d&before=2026-11-08T00%3A00%3A00Z&sort=timestamp&unknown=1",
    "after=1710081138123&before=now&text=%E6%97%A5+%22x%22&userId=&from=-1.-1",
    "q=type%3Alanding_page+spring&since=2026-03-01T09%3A30&until=&clock=Europe%2FBerlin",
];
const TYPED: &[&str] = &[
    "type:landing_page event:deleted,updated person:maria after:7d spring sale",
    r#"type:"landing page" object:42 who:1,2 before:2026-03-01 "a b" https://a.example/b?c=d"#,
    r#"EVENT:brand-new what:"price list, old" since:now until:24h user:7 event: ,"#,
];
const CHOSEN: &[&str] =
    &["2026-03-01T09:30", "2026-03-29T02:30:59", "-009999-01-01T00:00", "9999-12-31T23:59"];

fn assert_named(problem: &Problem) -> Result<(), TestCaseError> {
    let field = problem.field.as_deref().unwrap_or_default();
    let whole = !field.is_empty() && !problem.detail.is_empty() && problem.fix.is_some();
    prop_assert!(problem.status == 400 && whole, "{:?}", problem);
    Ok(())
}

/// Whatever came of it can be sent to somebody.
fn assert_reads_back(query: &Query) -> Result<(), TestCaseError> {
    let again = Query::read(Some(&query.encoded()));
    prop_assert_eq!(again.as_ref().ok(), Some(query), "{}", query.encoded());
    let caller = Caller {
        who: Who::Token { id: 1, name: String::new() },
        role: Role::Viewer,
        accounts: Accounts::All,
    };
    match query.search(&caller, NOW) {
        Ok(_) => Ok(()),
        Err(problem) => assert_named(&problem),
    }
}

proptest! {
    #[test]
    fn whatever_address_is_asked_for_is_read_and_written_the_same_or_refused_by_name(address in damaged_text(ADDRESSES)) {
        drop(Asked::read(Some(&address)));
        match Query::read(Some(&address)) {
            Ok(query) => assert_reads_back(&query)?,
            Err(problem) => assert_named(&problem)?,
        }
    }

    #[test]
    fn whatever_is_typed_becomes_an_address_that_says_the_same_or_is_refused(text in damaged_text(TYPED)) {
        let named = |_, name: &str| {
            let ids = if name.len().is_multiple_of(3) { Vec::new() } else { vec!["7".to_owned(), "9".to_owned()] };
            Ok(ids)
        };
        match typed::apply(Query::default(), &text, named) {
            Ok(query) => assert_reads_back(&query)?,
            Err(problem) => assert_named(&problem)?,
        }
    }

    #[test]
    fn whatever_time_is_chosen_is_one_that_the_address_can_hold_or_refused(text in damaged_text(CHOSEN)) {
        for zone in ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            match typed::on_clocks("since", &text, &TimeZone::get(zone).unwrap()) {
                Ok(at) => prop_assert!(at.parse::<Moment>().is_ok(), "{} is {}", text, at),
                Err(problem) => assert_named(&problem)?,
            }
        }
    }
}
