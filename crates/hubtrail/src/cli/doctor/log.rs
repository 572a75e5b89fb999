//! The log, the key that opens what is sealed, the clock, and the accounts if they are to be asked.

use hubtrail_core::time::{UtcMs, spoken};

use crate::cli::Session;
use crate::cli::check::Check;
use crate::cli::sealed;
use crate::cli::session::wait_for;
use crate::connector::Connector;
use crate::hubspot::test_connection;
use crate::store::{Depth, RuleProblem, Store, StoreError};

/// HubSpot's clock and a well-kept one differ by less.
const CLOCK_MS: i64 = 30_000;

pub(super) struct Examination {
    /// Every entry instead of a sample.
    pub(super) full: bool,
    /// Whether the accounts are asked.
    pub(super) online: bool,
}

pub(super) fn checks(session: &Session, examination: &Examination) -> Vec<Check> {
    let dir = &session.config.storage.data_dir;
    if !Store::exists(dir) {
        return vec![Check::skip("log", "there is none yet")];
    }
    let store = match Store::open(dir) {
        Ok(store) => store,
        Err(error) => return vec![broken("log", &error)],
    };
    let mut checks = vec![integrity(&store, examination)];
    match store.connectors() {
        Ok(connectors) => {
            checks.extend(connectors.iter().map(|connector| token(session, &store, connector)));
            match sealed::checks(&store, &session.existing_keyring()) {
                Ok(others) => checks.extend(others),
                Err(error) => checks.push(broken("sinks and alert channels", &error)),
            }
            checks.push(clock(&store, session.clock.now()));
            checks.push(rules(&store));
            if examination.online {
                checks.extend(connectors.iter().map(|connector| account(session, &store, connector)));
            }
        }
        Err(error) => checks.push(broken("connectors", &error)),
    }
    checks
}

/// Whether the operator's own rules are in force.
fn rules(store: &Store) -> Check {
    match store.rule_problems() {
        Err(error) => broken("rules", &error),
        Ok(problems) => match problems.first() {
            None => Check::ok("rules", "all of them are in force"),
            Some(RuleProblem { file, line, column, reason, fix, .. }) => {
                Check::warn("rules", format!("not in force: {file}:{line}:{column}: {reason}"), fix.clone())
            }
        },
    }
}

/// The store's errors say themselves what to do.
fn broken(what: &'static str, error: &StoreError) -> Check {
    Check { fix: None, ..Check::fail(what, error.to_string(), "") }
}

fn integrity(store: &Store, examination: &Examination) -> Check {
    const WHAT: &str = "log";
    let depth = if examination.full { Depth::Full } else { Depth::Sample };
    let report = match store.check(depth) {
        Ok(report) => report,
        Err(error) => return broken(WHAT, &error),
    };
    let kind = if examination.full { "every entry" } else { "a sample" };
    let found = format!(
        "schema {}, {} MiB, position {}; {} hashes of {kind} computed again",
        report.schema,
        report.bytes >> 20,
        report.head.0,
        report.entries_checked
    );
    match report.problems.as_slice() {
        [] => Check::ok(WHAT, format!("{found}, all as stored")),
        problems => Check::fail(
            WHAT,
            format!("{found}: {}", problems.join("; ")),
            "stop Hubtrail, keep a copy of the data directory, and restore the last backup with `hubtrail restore`",
        ),
    }
}

fn token(session: &Session, store: &Store, connector: &Connector) -> Check {
    const FIX: &str =
        "put the right secret.key into the data directory (mode 600), or configure security.key_file";
    let what = format!("key of {}", connector.name());
    match session.hubspot_options(store, connector) {
        Ok(_) => Check::ok(what, "opens its token"),
        Err(error) => Check::fail(what, format!("{error:#}"), FIX),
    }
}

/// The newest entry carries HubSpot's time; a clock before it is wrong.
fn clock(store: &Store, now: UtcMs) -> Check {
    const WHAT: &str = "clock";
    let newest = match store.head().and_then(|head| store.entry(head)) {
        Ok(newest) => newest,
        Err(error) => return broken(WHAT, &error),
    };
    match newest {
        Some(entry) if entry.seen_at.since(now) > CLOCK_MS => Check::fail(
            WHAT,
            format!("it is at least {} behind HubSpot's", spoken(entry.seen_at.since(now))),
            "set it, and keep it right with NTP",
        ),
        Some(_) => Check::ok(WHAT, format!("{now}, not before the newest entry")),
        None => Check::ok(WHAT, now.to_string()),
    }
}

fn account(session: &Session, store: &Store, connector: &Connector) -> Check {
    let what = format!("account {}", connector.name());
    let (known, now) = (connector.portal_id, session.clock.now());
    let report = session
        .hubspot_options(store, connector)
        .and_then(|options| wait_for(test_connection(&options, known, now, None)));
    let report = match report {
        Ok(report) => report,
        Err(error) => return Check::fail(what, format!("{error:#}"), "mend the key first"),
    };
    match report.trouble() {
        Some((_, trouble)) => Check::fail(what, &trouble.problem, &trouble.fix),
        None => Check::ok(what, "HubSpot answers and shows its events"),
    }
}
