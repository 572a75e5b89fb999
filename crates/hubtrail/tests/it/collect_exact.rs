//! The log equals the account: for every freedom that HubSpot's documentation leaves to its server, and
//! every fault, in many seeded cases.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};

use hubspot_audit_api::emulator::behaviour::{Behaviour, Bound, CursorForm, LastPage, Late, Names};
use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::emulator::portal::Renamed;
use hubspot_audit_api::record::{Record, TimeForm};
use hubtrail::collect::CollectError;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};

use crate::lab::{Lab, record};

/// Cases of one run; `HUBTRAIL_CASES` asks for more in a long campaign, `HUBTRAIL_FIRST_CASE` starts at one.
const CASES: u64 = 2_000;

/// What the walk must see through; those that a reader cannot notice the first time are tested apart.
const FAULTS: &[Fault] = &[
    Fault::RecordNumber,
    Fault::RecordNull,
    Fault::RecordWithoutTime,
    Fault::UriTooLong,
    Fault::BadRequest,
    Fault::Gone,
    Fault::NotFound,
];

struct Case {
    behaviour: Behaviour,
    page_size: u32,
    history: Vec<Record>,
    later: Vec<Record>,
    faults: Vec<Fault>,
    renames: bool,
}

fn case(seed: u64, now: i64) -> Case {
    let mut rng = StdRng::seed_from_u64(seed);
    let page_size = [1, 2, 7, 100][rng.random_range(0..4)];
    let clamped = rng.random_bool(0.3);
    let behaviour = Behaviour {
        after_bound: if rng.random() { Bound::Inclusive } else { Bound::Exclusive },
        before_bound: if rng.random() { Bound::Inclusive } else { Bound::Exclusive },
        cursor: *CursorForm::ALL.choose(&mut rng).unwrap(),
        max_limit: if clamped { rng.random_range(10..60) } else { 1_000 },
        last_page: *LastPage::ALL.choose(&mut rng).unwrap(),
        time_form: *TimeForm::ALL.choose(&mut rng).unwrap(),
        names: if rng.random_bool(0.3) { Names::Current } else { Names::Recorded },
        empty_every: if rng.random_bool(0.2) { rng.random_range(3..9) } else { 0 },
        repeat_every: if rng.random_bool(0.2) { rng.random_range(3..9) } else { 0 },
        late: Late { share: if rng.random_bool(0.4) { 0.1 } else { 0.0 }, most_ms: 0, most_requests: 40 },
        ..Behaviour::default()
    };
    let (history, later) = histories(&mut rng, now, if page_size == 1 { 40 } else { 160 });
    let faulty = rng.random_bool(0.6);
    let kinds: Vec<Fault> = [Fault::HEALING, FAULTS].concat();
    let faults = (0..if faulty { 6 } else { 0 }).map(|_| *kinds.choose(&mut rng).unwrap()).collect();
    let renames = behaviour.names == Names::Current;
    Case { behaviour, page_size, history, later, faults, renames }
}

/// Bursts that share instants, twins among them; some minutes later more, some of it dated back.
fn histories(rng: &mut StdRng, now: i64, most: usize) -> (Vec<Record>, Vec<Record>) {
    let mut at = now - 3_600_000;
    let mut some = |rng: &mut StdRng, count: usize| {
        let mut records = Vec::new();
        while records.len() < count {
            at += if rng.random_bool(0.6) { 0 } else { rng.random_range(1..30_000) };
            let one = record(at, rng.random_range(0..4), rng.random_range(0..36), rng.random_range(0..5_000));
            records.extend(std::iter::repeat_n(one, if rng.random_bool(0.1) { 2 } else { 1 }));
        }
        records
    };
    let history = {
        let count = rng.random_range(0..most);
        some(rng, count)
    };
    let mut later = {
        let count = rng.random_range(1..30);
        some(rng, count)
    };
    let newest = history.last().map_or(now - 3_600_000, |last: &Record| last.timestamp_ms);
    for late in 0..rng.random_range(0..6) {
        later.push(record(newest - rng.random_range(0..900_000), 7, late, 9_000 + late));
    }
    (history, later)
}

async fn run(seed: u64) {
    let now = hubtrail::clock::Clock::system().now().0;
    let Case { behaviour, page_size, history, later, faults, renames } = case(seed, now);
    let what = format!("case {seed}: {page_size} a page, {faults:?}, {behaviour:?}");
    let dense = behaviour.max_limit < 1_000 || page_size == 1;
    // The only records there are, all alike: the largest page ever seen holds them, no filter tells them apart,
    // and where a cursor goes on nothing proves that they are all. Their gap closes once the account has more.
    // One alone is like that where every page has a cursor and empty ones prove nothing either.
    let goes_on = behaviour.last_page == LastPage::AlwaysCursor && behaviour.empty_every > 0;
    let least = if goes_on { 1 } else { 2 };
    let all_alike = history.len() >= least && history.iter().all(|record| *record == history[0]);
    let lab = Lab::new(behaviour, page_size, history).await;
    faults.iter().for_each(|fault| lab.emulator.faults().push(*fault));
    collect(&lab, &what, dense || all_alike).await;
    lab.emulator.push(later);
    if renames {
        lab.emulator.portal().rename(Renamed::User("1".to_owned()), "Renamed".to_owned());
    }
    while lab.emulator.faults().pending() > 0 || lab.emulator.portal().hidden() > 0 {
        collect(&lab, &what, dense).await;
    }
    collect(&lab, &what, dense).await;
    lab.assert_exact_but_for_gaps(renames, &what);
}

/// Collects until it succeeds, or until nothing but a named gap is missing.
async fn collect(lab: &Lab, what: &str, dense: bool) {
    match lab.once(30).await {
        Ok(_) => {}
        Err(CollectError::Gaps(_)) if dense => {}
        Err(error) => panic!("{what}: {error}"),
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a campaign runs is told from outside")]
fn asked(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn the_log_equals_the_account_in_every_case() {
    let cases = asked("HUBTRAIL_CASES").unwrap_or(CASES);
    let next = AtomicU64::new(asked("HUBTRAIL_FIRST_CASE").unwrap_or(0));
    let threads = std::thread::available_parallelism().map_or(2, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= cases {
                        break;
                    }
                    runtime.block_on(run(seed));
                }
            });
        }
    });
    assert!(next.load(Ordering::Relaxed) >= cases);
}

#[tokio::test]
async fn what_became_visible_behind_an_interrupted_walk_is_collected_when_it_goes_on() {
    let began = hubtrail::clock::Clock::system().now().0 - 3_600_000;
    let history = (0..60).map(|n| record(began + n * 1_000, 1, 1, n.unsigned_abs())).collect();
    let lab = Lab::new(Behaviour::default(), 7, history).await;
    lab.emulator.faults().extend([Fault::Drip, Fault::Drip, Fault::Drip, Fault::Unauthenticated]);
    lab.collector().once().await.unwrap_err();
    assert!((1..60).contains(&lab.log().len()), "interrupted half-way");
    lab.emulator.push(vec![record(began + 500, 2, 2, 99)]);
    lab.once(1).await.unwrap();
    lab.assert_exact();
}

#[tokio::test]
async fn a_walk_interrupted_among_records_of_the_future_goes_on_at_once() {
    const DAY_MS: i64 = 86_400_000;
    let now = hubtrail::clock::Clock::system().now().0;
    let history = (0..40).map(|n| {
        let days = if n < 20 { -1 } else { 60 };
        record(now + days * DAY_MS + n * 1_000, 1, 1, n.unsigned_abs())
    });
    let lab = Lab::new(Behaviour::default(), 7, history.collect()).await;
    lab.emulator.faults().extend([
        Fault::Drip,
        Fault::Drip,
        Fault::Drip,
        Fault::Drip,
        Fault::Drip,
        Fault::Unauthenticated,
    ]);
    lab.collector().once().await.unwrap_err();
    assert!((21..40).contains(&lab.log().len()), "interrupted among them");
    lab.once(1).await.unwrap();
    lab.assert_exact();
}
