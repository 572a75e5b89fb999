//! What the matches of a search look like together: their spread over time, and the most frequent types,
//! people and objects, each with a link that narrows the search to it.

use std::ops::ControlFlow;

use hubtrail_core::page::{Dimension, Order};
use hubtrail_core::sentence::{harmless, noun, verb};
use hubtrail_core::time::UtcMs;

use super::query::Query;
use crate::store::{Facets, Frequent, Search, Store, StoreError};
use crate::ui::activity::{Activity, HOUR_MS, begin, fine_step, step};
use crate::ui::deed::Deed;
use crate::ui::viewer::Taste;

/// More is not counted for one page, which says so: it is to be there at once.
const MOST: u64 = 5_000;
const TOP: usize = 8;
/// Below this a chart by the hour says nothing.
const FINE_MS: i64 = 6 * HOUR_MS;

pub(super) struct Found {
    pub(super) facets: Vec<Facet>,
    /// How many match, or at least how many.
    pub(super) total: u64,
    pub(super) is_exact: bool,
    /// How many the facets are told from, the newest.
    pub(super) counted: u64,
    people: Vec<Frequent>,
    objects: Vec<Frequent>,
}

pub(in crate::ui) struct Facet {
    pub(in crate::ui) title: &'static str,
    pub(in crate::ui) choices: Vec<Choice>,
}

pub(in crate::ui) struct Choice {
    pub(in crate::ui) word: String,
    pub(in crate::ui) deed: Option<Deed>,
    pub(in crate::ui) entries: u64,
    pub(in crate::ui) share: u64,
    pub(in crate::ui) on: bool,
    pub(in crate::ui) href: String,
}

impl Found {
    pub(super) fn look(store: &Store, search: &Search, query: &Query) -> Result<Self, StoreError> {
        let all = Search { from: None, limit: None, ..search.clone() };
        let counted = store.facets(&all, TOP, MOST)?;
        let known = if counted.since.is_none() { Some(counted.entries) } else { store.known_count(&all)? };
        let facets = facets(&counted, query);
        Ok(Self {
            facets,
            total: known.unwrap_or(counted.entries),
            is_exact: known.is_some(),
            counted: counted.entries,
            people: counted.people,
            objects: counted.objects,
        })
    }

    /// The name that goes with an id, if it is among the most frequent.
    pub(super) fn name_of(&self, dimension: Dimension, id: &str) -> Option<String> {
        let among = if dimension == Dimension::UserId { &self.people } else { &self.objects };
        among.iter().find(|one| one.id == id && !one.name.is_empty()).map(|one| one.name.clone())
    }
}

/// The search's matches over its range, or over all that there is.
pub(in crate::ui) fn activity(store: &Store, search: &Search, taste: &Taste) -> Result<Activity, StoreError> {
    let edge = |order| {
        let search = Search { order, limit: Some(1), ..search.clone() };
        store.search(&search).map(|entries| entries.first().map(|entry| entry.timestamp))
    };
    let from = match search.after {
        Some(after) => after,
        None => edge(Order::OldestFirst)?.unwrap_or(taste.now),
    };
    let to = match search.before {
        Some(before) => before.minus(1),
        None => edge(Order::NewestFirst)?.unwrap_or(taste.now).max(taste.now),
    };
    let range_ms = to.since(from);
    if range_ms <= FINE_MS {
        return fine(store, search, from, to, taste);
    }
    let mut activity = Activity::over(from, to, step(range_ms), taste.zone.clone());
    let range = Search {
        after: Some(activity.from),
        before: Some(begin(to, activity.step_ms).plus(activity.step_ms)),
        ..search.clone()
    };
    let spread = store.spread_by_type(&range, activity.step_ms, MOST)?;
    for (at, types) in spread.steps {
        for (event_type, entries) in types {
            activity.add(at, event_type.as_deref().map_or(Deed::Other, Deed::of), entries);
        }
    }
    activity.since = spread.since;
    Ok(activity)
}

/// Within a few hours, by the minute: the log keeps no sums of these.
fn fine(
    store: &Store,
    search: &Search,
    from: UtcMs,
    to: UtcMs,
    taste: &Taste,
) -> Result<Activity, StoreError> {
    let mut activity = Activity::over(from, to, fine_step(to.since(from)), taste.zone.clone());
    let limit = usize::try_from(MOST).unwrap_or(usize::MAX);
    let newest = Search { order: Order::NewestFirst, limit: Some(limit), ..search.clone() };
    store.search_each(&newest, |entry| {
        let deed = entry.event.as_ref().map_or(Deed::Other, |event| Deed::of(&event.event));
        activity.add(entry.timestamp, deed, 1);
        ControlFlow::Continue(())
    })?;
    Ok(activity)
}

fn facets(counted: &Facets, query: &Query) -> Vec<Facet> {
    let people = |frequent: &[Frequent]| -> Vec<(String, String, u64)> {
        frequent.iter().map(|one| (one.id.clone(), one.name.clone(), one.entries)).collect()
    };
    let types = |types: &[(String, u64)], word: fn(&str) -> String| -> Vec<(String, String, u64)> {
        types.iter().map(|(value, entries)| (value.clone(), word(value), *entries)).collect()
    };
    [
        (Dimension::EventType, "Events", types(&counted.event_types, |value| verb(value).into_owned())),
        (Dimension::ObjectType, "Types", types(&counted.object_types, |value| noun(value).into_owned())),
        (Dimension::UserId, "People", people(&counted.people)),
        (Dimension::ObjectId, "Objects", people(&counted.objects)),
    ]
    .into_iter()
    .filter(|(.., values)| !values.is_empty())
    .map(|(dimension, title, values)| facet(dimension, title, values, query))
    .collect()
}

fn facet(
    dimension: Dimension,
    title: &'static str,
    values: Vec<(String, String, u64)>,
    query: &Query,
) -> Facet {
    let most = values.iter().map(|(.., entries)| *entries).max().unwrap_or(1).max(1);
    let choices = values.into_iter().filter(|(value, ..)| !value.is_empty()).map(|(value, name, entries)| {
        let on = query.values(dimension).contains(&value);
        let narrowed = if on { query.without(dimension, &value) } else { query.with(dimension, &value) };
        let word = if name.trim().is_empty() { value.as_str() } else { name.as_str() };
        Choice {
            word: harmless(word).into_owned(),
            deed: (dimension == Dimension::EventType).then(|| Deed::of(&value)),
            entries,
            share: entries * 100 / most,
            on,
            href: narrowed.href(),
        }
    });
    Facet { title, choices: choices.collect() }
}
