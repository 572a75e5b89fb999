//! A person or an object as a line of a list: under which name, how busy, and where its page is.

use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use super::bars::Bars;
use super::events::row::Names;
use super::viewer::Taste;
use super::when::When;
use crate::connector::ConnectorId;
use crate::store::{Busy, DAY_MS, Frequent, Lively, Search, Side, Store, StoreError};

/// Up to here entries are counted one by one, exactly in the range; above it the days are added up.
const EXACT_DAYS: i64 = 2;
const MOST_COUNTED: u64 = 20_000;

#[derive(Clone, Debug)]
pub(super) struct Leader {
    pub(super) name: String,
    pub(super) account: Option<String>,
    pub(super) entries: u64,
    pub(super) bars: Option<Bars>,
    pub(super) last: Option<When>,
    pub(super) href: String,
}

/// Where the page of a person or an object is.
pub(super) fn href(side: Side, account: ConnectorId, id: &str) -> String {
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let place = match side {
        Side::People => "people",
        Side::Objects => "objects",
    };
    // A plus is a blank in a query, and itself in a path.
    format!("/{place}/{account}/{}", id.replace('+', "%20"))
}

/// Never without a name: HubSpot leaves out the names of what it no longer has.
pub(super) fn named(side: Side, name: &str, id: &str) -> String {
    match (side, name.trim()) {
        (Side::People, "") => format!("User {}", harmless(id)),
        (Side::Objects, "") => format!("Object {}", harmless(id)),
        (_, name) => harmless(name).into_owned(),
    }
}

impl Leader {
    pub(super) fn of(side: Side, found: Vec<Lively>, names: &Names, taste: &Taste) -> Vec<Self> {
        let when = |at: UtcMs| When { at, now: taste.now, zone: taste.zone.clone() };
        let told = found.into_iter().map(|one| Self {
            href: href(side, one.connector, &one.id),
            name: named(side, &one.name, &one.id),
            account: names.get(&one.connector).cloned(),
            entries: one.entries,
            bars: Some(Bars(one.days)),
            last: one.last.map(when),
        });
        told.collect()
    }

    fn counted(side: Side, found: Vec<Frequent>, names: &Names) -> Vec<Self> {
        let told = found.into_iter().filter(|one| !one.id.is_empty()).map(|one| Self {
            href: href(side, one.connector, &one.id),
            name: named(side, &one.name, &one.id),
            account: names.get(&one.connector).cloned(),
            entries: one.entries,
            bars: None,
            last: None,
        });
        told.collect()
    }
}

/// The busiest of both sides within a search's range.
pub(super) fn busiest(
    store: &Store,
    search: &Search,
    top: usize,
    names: &Names,
    taste: &Taste,
) -> Result<[Vec<Leader>; 2], StoreError> {
    let before = search.before.unwrap_or(taste.now.plus(1));
    let after = search.after.unwrap_or(before.minus(EXACT_DAYS * DAY_MS));
    if before.since(after) <= EXACT_DAYS * DAY_MS {
        let facets = store.facets(search, top, MOST_COUNTED)?;
        return Ok([
            Leader::counted(Side::People, facets.people, names),
            Leader::counted(Side::Objects, facets.objects, names),
        ]);
    }
    let of = |side| {
        let connectors = search.connectors.clone();
        let after = after.minus(after.0.rem_euclid(DAY_MS));
        let busy = Busy { connectors, side, after, before, text: None, top };
        let (found, _) = store.busiest(&busy)?;
        Ok::<_, StoreError>(Leader::of(side, found, names, taste))
    };
    Ok([of(Side::People)?, of(Side::Objects)?])
}
