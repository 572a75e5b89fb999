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

/// More is not counted for one page: the page says so.
const MOST: u64 = 50_000;
const TOP: usize = 8;
/// Below this a chart by the hour says nothing.
const FINE_MS: i64 = 6 * HOUR_MS;

pub(super) struct Found {
    pub(super) activity: Activity,
    pub(super) facets: Vec<Facet>,
    pub(super) total: u64,
    pub(super) counted_all: bool,
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
    pub(super) fn look(
        store: &Store,
        search: &Search,
        query: &Query,
        taste: &Taste,
    ) -> Result<Self, StoreError> {
        let all = Search { from: None, limit: None, ..search.clone() };
        let counted = store.facets(&all, TOP, MOST)?;
        let activity = activity(store, &all, taste)?;
        let (total, counted_all) = if counted.since.is_none() {
            (counted.entries, true)
        } else if activity.since.is_none() && all.after.is_none() && all.before.is_none() {
            (activity.total(), true)
        } else {
            (counted.entries, false)
        };
        let facets = facets(&counted, query);
        Ok(Self { activity, facets, total, counted_all, people: counted.people, objects: counted.objects })
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
    let mut told = std::collections::BTreeMap::new();
    for deed in Deed::ALL.into_iter().filter(|deed| *deed != Deed::Other) {
        let Some(one) = only(&range, deed) else { continue };
        for (at, entries) in store.spread(&one, activity.step_ms, MOST)?.steps {
            activity.add(at, deed, entries);
            *told.entry(at).or_insert(0) += entries;
        }
    }
    let all = store.spread(&range, activity.step_ms, MOST)?;
    for (at, entries) in all.steps {
        activity.add(at, Deed::Other, entries.saturating_sub(told.get(&at).copied().unwrap_or(0)));
    }
    activity.since = all.since;
    Ok(activity)
}

/// The search limited to one type of event. None: it asks for others only.
fn only(search: &Search, deed: Deed) -> Option<Search> {
    let wanted = search.filter.values(Dimension::EventType);
    let own: Vec<String> = deed.event_types().iter().map(|own| (*own).to_owned()).collect();
    let own: Vec<String> =
        own.into_iter().filter(|own| wanted.is_empty() || wanted.iter().any(|value| value == own)).collect();
    let filter = search.filter.with(Dimension::EventType, own.clone());
    (!own.is_empty()).then(|| Search { filter, ..search.clone() })
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
