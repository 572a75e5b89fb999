//! What a status is told from: the facts of a stream, and what stands in the way of its walks.

use hubtrail::store::{Cleared, Failure, Position};
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;

use crate::store_support::{Log, NOW, at, raw};

#[test]
fn the_facts_of_a_stream_are_true() {
    let log = Log::new();
    assert!(log.store.facts().unwrap().is_empty());
    log.append(&[at(5).seen(), raw("{}"), at(NOW.0 + 99_999).seen()]);
    log.append(&[at(5).seen()]);
    let failure = failure("refused");
    log.store.set_failure(log.acme.id, Stream::Content, failure.clone()).unwrap();
    let facts = log.store.facts().unwrap().remove(0);
    assert_eq!((facts.entries, facts.unparsed, facts.future), (3, 1, 1));
    assert_eq!((facts.oldest, facts.newest, facts.appended_at), (Some(UtcMs(5)), Some(UtcMs(5)), Some(NOW)));
    assert_eq!((facts.failures, facts.open_gaps, facts.verified), (vec![failure], 0, None));
    assert_eq!((facts.polled_at, facts.brought), (Some(NOW), Some((NOW, Position(3)))), "what came last");
}

#[test]
fn each_walk_clears_what_it_has_shown_to_be_over() {
    let log = Log::new();
    let set = |failure: Failure| log.store.set_failure(log.acme.id, Stream::Content, failure).unwrap();
    let clear = |walk, cleared| log.store.clear_failure(log.acme.id, Stream::Content, walk, cleared).unwrap();
    let standing = || -> Vec<WalkKind> {
        log.store.facts().unwrap()[0].failures.iter().map(|failure| failure.walk).collect()
    };
    set(failure("refused"));
    set(Failure { walk: WalkKind::Tail, ..failure("unavailable") });
    set(Failure { walk: WalkKind::Sweep, ..failure("credentials") });
    assert_eq!(standing(), [WalkKind::Tail, WalkKind::Sweep, WalkKind::Deep]);
    clear(WalkKind::Tail, Cleared::Call);
    assert_eq!(standing(), [WalkKind::Deep], "an answer shows that the token is good, not that the sweep is");
    clear(WalkKind::Tail, Cleared::Walk);
    clear(WalkKind::Deep, Cleared::Call);
    assert_eq!(standing(), [WalkKind::Deep], "only its end shows that it comes through");
    set(Failure { at: NOW.plus(5), began: NOW.plus(5), ..failure("refused") });
    let again = log.store.facts().unwrap().remove(0).failures.remove(0);
    assert_eq!((again.began, again.at), (NOW, NOW.plus(5)), "it stands since it began");
    clear(WalkKind::Deep, Cleared::Walk);
    assert_eq!(standing(), []);
}

fn failure(kind: &str) -> Failure {
    Failure {
        walk: WalkKind::Deep,
        kind: kind.to_owned(),
        code: "request-refused".to_owned(),
        message: "no".to_owned(),
        fix: "ask differently".to_owned(),
        began: NOW,
        at: NOW,
        until: None,
    }
}
