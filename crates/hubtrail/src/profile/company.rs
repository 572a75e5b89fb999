//! Who and what goes with somebody or something: told by the objects that people have in common.

use std::collections::HashMap;
use std::ops::ControlFlow;

use hubtrail_core::page::{Dimension, Filter, Order};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::{Search, Store, StoreError, Subject};

/// So many objects, and so many entries of each, tell who else works on them.
const MOST_OBJECTS: usize = 20;
const MOST_ENTRIES: u64 = 300;
const MOST_CHANGED: u64 = 10_000;
/// The newest changes to an object, around which other objects are looked for.
const MOST_CHANGES: usize = 60;
const AROUND_MS: i64 = 600_000;
const MOST_AROUND: usize = 60;
const TOP: usize = 8;

/// Somebody or something, and how much it has in common
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Companion {
    pub id: String,
    pub name: String,
    /// Events.
    pub entries: u64,
    /// Of a person: the objects in common. Of an object: who changed it, or the changes that it went along with.
    pub shared: u64,
}

pub(super) fn of(
    store: &Store,
    subject: &Subject,
    window: &Search,
) -> Result<(Vec<Companion>, Vec<Companion>), StoreError> {
    match subject {
        Subject::Person(id) => of_person(store, id, window),
        Subject::Object(id) => Ok((changed_by(store, window)?, beside(store, id, window)?)),
    }
}

fn changed_by(store: &Store, window: &Search) -> Result<Vec<Companion>, StoreError> {
    let people = store.facets(window, TOP, MOST_CHANGED)?.people;
    let told = people.into_iter().filter(|one| !one.id.is_empty()).map(|one| Companion {
        id: one.id,
        name: one.name,
        entries: one.entries,
        shared: 1,
    });
    Ok(told.collect())
}

/// Those who changed the same objects, and these objects.
fn of_person(
    store: &Store,
    own: &str,
    window: &Search,
) -> Result<(Vec<Companion>, Vec<Companion>), StoreError> {
    let objects = store.facets(window, MOST_OBJECTS, MOST_CHANGED)?.objects;
    let mut peers = HashMap::<String, Companion>::new();
    let mut changed = Vec::new();
    for object in objects.into_iter().filter(|object| !object.id.is_empty()) {
        let filter = Filter::default().with(Dimension::ObjectId, vec![object.id.clone()]);
        let others = store.facets(&Search { filter, ..window.clone() }, MOST_OBJECTS, MOST_ENTRIES)?.people;
        let mut shared = 0;
        for other in others.into_iter().filter(|other| other.id != own && !other.id.is_empty()) {
            shared += 1;
            let peer = peers.entry(other.id.clone()).or_insert_with(|| Companion {
                id: other.id,
                name: other.name,
                entries: 0,
                shared: 0,
            });
            peer.entries += other.entries;
            peer.shared += 1;
        }
        changed.push(Companion { id: object.id, name: object.name, entries: object.entries, shared });
    }
    changed.truncate(TOP);
    Ok((closest(peers), changed))
}

/// What was changed by the same people, shortly before or after.
fn beside(store: &Store, own: &str, window: &Search) -> Result<Vec<Companion>, StoreError> {
    let newest = Search { order: Order::NewestFirst, limit: Some(MOST_CHANGES), ..window.clone() };
    let mut beside = HashMap::<String, Companion>::new();
    for change in store.search(&newest)? {
        let Ok(event) = &change.event else { continue };
        let near = Search {
            filter: Filter::default().with(Dimension::UserId, vec![event.user_id.clone()]),
            after: Some(change.timestamp.minus(AROUND_MS)),
            before: Some(change.timestamp.plus(AROUND_MS)),
            limit: Some(MOST_AROUND),
            ..window.clone()
        };
        let mut met = HashMap::<String, (String, u64)>::new();
        store.search_each(&near, |entry| {
            if let Ok(event) = &entry.event
                && event.object_id != own
                && !event.object_id.is_empty()
            {
                let met = met.entry(event.object_id.clone()).or_default();
                met.0.clone_from(&event.object_name);
                met.1 += 1;
            }
            ControlFlow::Continue(())
        })?;
        for (id, (name, entries)) in met {
            let one =
                beside.entry(id.clone()).or_insert_with(|| Companion { id, name, entries: 0, shared: 0 });
            one.entries = one.entries.max(entries);
            one.shared += 1;
        }
    }
    Ok(closest(beside))
}

fn closest(found: HashMap<String, Companion>) -> Vec<Companion> {
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_unstable_by(|a, b| {
        (b.shared, b.entries).cmp(&(a.shared, a.entries)).then_with(|| a.id.cmp(&b.id))
    });
    found.truncate(TOP);
    found
}
