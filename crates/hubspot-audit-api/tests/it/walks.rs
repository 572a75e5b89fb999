//! For any history and any parameters, the pages of an opaque cursor are together exactly the records
//! that the filters name, in order.

use hubspot_audit_api::backend::Backend;
use hubspot_audit_api::emulator::behaviour::{Behaviour, Bound, CursorForm};
use hubspot_audit_api::query::{After, Filter, Order, Query};
use hubspot_audit_api::record::{Record, TimeForm};
use proptest::prelude::*;

use crate::support::{START_MS, Server, record};

const SPAN_MS: i64 = 60;

fn histories() -> impl Strategy<Value = Vec<Record>> {
    let one = (0..SPAN_MS, 0..4_usize, 0..3_usize, 0..3_usize);
    prop::collection::vec(one, 0..80).prop_map(|drawn| {
        let build = |(at_ms, object, user, event): (i64, usize, usize, usize)| Record {
            user_id: user.to_string(),
            event: ["CREATED", "UPDATED", "DELETED"][event].to_owned(),
            ..record(object, at_ms)
        };
        drawn.into_iter().map(build).collect()
    })
}

#[derive(Clone, Debug)]
struct Asked {
    after_ms: Option<i64>,
    before_ms: Option<i64>,
    limit: u32,
    order: Order,
    users: Vec<String>,
    events: Vec<String>,
}

fn requests() -> impl Strategy<Value = Asked> {
    let bound = || prop::option::of((-5..SPAN_MS + 5).prop_map(|ms| START_MS + ms));
    let users = prop::sample::subsequence(vec!["0".to_owned(), "1".into(), "2".into(), "9".into()], 0..=4);
    let events = prop::sample::subsequence(vec!["CREATED".to_owned(), "DELETED".into()], 0..=2);
    let order = prop::sample::select(Order::ALL);
    (bound(), bound(), 1..12_u32, order, users, events).prop_map(
        |(after_ms, before_ms, limit, order, users, events)| Asked {
            after_ms,
            before_ms,
            limit,
            order,
            users,
            events,
        },
    )
}

fn behaviours() -> impl Strategy<Value = Behaviour> {
    let bound = || prop::sample::select(Bound::ALL);
    (bound(), bound(), prop::sample::select(vec![1_u32, 10]), prop::sample::select(vec![0_u32, 2, 3]))
        .prop_map(|(after_bound, before_bound, after_grain_ms, empty_every)| Behaviour {
            cursor: CursorForm::Opaque,
            after_bound,
            before_bound,
            after_grain_ms,
            empty_every,
            ..Behaviour::default()
        })
}

/// What should be served, by the plainest means.
fn expected(history: &[Record], asked: &Asked, behaviour: &Behaviour) -> Vec<String> {
    let after = asked.after_ms.map(|ms| ms - ms.rem_euclid(i64::from(behaviour.after_grain_ms)));
    let allowed = |set: &[String], value: &String| set.is_empty() || set.contains(value);
    let inside = |record: &&Record| {
        let at = record.timestamp_ms;
        let inclusive = |bound| bound == Bound::Inclusive;
        after.is_none_or(|ms| at > ms || at == ms && inclusive(behaviour.after_bound))
            && asked.before_ms.is_none_or(|ms| at < ms || at == ms && inclusive(behaviour.before_bound))
            && allowed(&asked.users, &record.user_id)
            && allowed(&asked.events, &record.event)
    };
    let mut chosen: Vec<&Record> = history.iter().filter(inside).collect();
    chosen.sort_by_key(|record| record.timestamp_ms);
    if asked.order == Order::Descending {
        chosen.reverse();
    }
    chosen.into_iter().map(|record| record.write(TimeForm::Iso)).collect()
}

async fn walk(history: Vec<Record>, asked: &Asked, behaviour: Behaviour) -> Vec<String> {
    let server = Server::start(history, |config| config.behaviour = behaviour).await;
    let mut query = Query {
        after: asked.after_ms.map(|ms| After::Time { ms, epoch: true }),
        before_ms: asked.before_ms,
        limit: Some(asked.limit),
        sort: Some(asked.order),
        filter: Filter([asked.events.clone(), vec![], asked.users.clone(), vec![]]),
    };
    let mut seen = Vec::new();
    loop {
        let page = server.emulator.portal().records(&(), query.clone()).await.unwrap();
        assert!(page.records.len() <= asked.limit as usize);
        seen.extend(page.records.iter().map(|json| String::from_utf8(json.to_vec()).unwrap()));
        match page.next {
            Some(cursor) => query.after = Some(After::Token(cursor)),
            None => return seen,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_together_exactly_what_was_asked_for(
        history in histories(),
        asked in requests(),
        behaviour in behaviours(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let seen = runtime.block_on(walk(history.clone(), &asked, behaviour.clone()));
        prop_assert_eq!(seen, expected(&history, &asked, &behaviour));
    }
}
