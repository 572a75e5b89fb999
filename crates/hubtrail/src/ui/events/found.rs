//! What the matches of a search look like together: their spread over time, and the most frequent types,
//! people and objects, each with a link that narrows the search to it.

use std::collections::HashMap;
use std::ops::ControlFlow;

use hubtrail_core::page::{Dimension, Order};
use hubtrail_core::sentence::{harmless, noun, verb};
use hubtrail_core::time::UtcMs;

use super::query::Query;
use crate::store::{Search, Store, StoreError};
use crate::ui::activity::{Activity, step};
use crate::ui::deed::Deed;
use crate::ui::viewer::Taste;

/// More is not counted for one page: the page says so.
const MOST: usize = 20_000;
const TOP: usize = 8;

pub(super) struct Found {
    pub(super) activity: Activity,
    pub(super) facets: Vec<Facet>,
    pub(super) total: u64,
    pub(super) counted_all: bool,
    people: HashMap<String, String>,
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

#[derive(Default)]
struct Counts {
    by: HashMap<Dimension, HashMap<String, u64>>,
    people: HashMap<String, String>,
    times: Vec<(UtcMs, Deed)>,
}

impl Found {
    pub(super) fn look(
        store: &Store,
        search: &Search,
        query: &Query,
        taste: &Taste,
    ) -> Result<Self, StoreError> {
        let all = Search { order: Order::NewestFirst, from: None, limit: Some(MOST), ..search.clone() };
        let mut counts = Counts::default();
        store.search_each(&all, |entry| {
            let deed = entry.event.as_ref().map_or(Deed::Other, |event| Deed::of(&event.event));
            counts.times.push((entry.timestamp, deed));
            if let Ok(event) = &entry.event {
                for dimension in [Dimension::EventType, Dimension::ObjectType, Dimension::UserId] {
                    let value = dimension.of(event);
                    *counts.by.entry(dimension).or_default().entry(value.to_owned()).or_default() += 1;
                }
                if !event.full_name.is_empty() {
                    counts.people.entry(event.user_id.clone()).or_insert_with(|| event.full_name.clone());
                }
            }
            ControlFlow::Continue(())
        })?;
        let counted_all = counts.times.len() < MOST;
        let total = counts.times.len() as u64;
        let activity = activity(&counts, search, taste);
        let facets = facets(&counts, query);
        Ok(Self { activity, facets, total, counted_all, people: counts.people })
    }

    pub(super) fn name_of(&self, user_id: &str) -> Option<String> {
        self.people.get(user_id).cloned()
    }
}

fn activity(counts: &Counts, search: &Search, taste: &Taste) -> Activity {
    let oldest = counts.times.iter().map(|(at, _)| *at).min().unwrap_or(taste.now);
    let newest = counts.times.iter().map(|(at, _)| *at).max().unwrap_or(taste.now);
    let from = search.after.unwrap_or(oldest);
    let to = search.before.map_or(newest.max(taste.now), |before| before.minus(1));
    let mut activity = Activity::over(from, to, step(to.since(from)), taste.zone.clone());
    for (at, deed) in &counts.times {
        activity.add(*at, *deed, 1);
    }
    activity
}

fn facets(counts: &Counts, query: &Query) -> Vec<Facet> {
    [(Dimension::EventType, "Events"), (Dimension::ObjectType, "Types"), (Dimension::UserId, "People")]
        .into_iter()
        .map(|(dimension, title)| {
            let none = HashMap::new();
            let mut values: Vec<_> = counts.by.get(&dimension).unwrap_or(&none).iter().collect();
            values.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
            let most = values.first().map_or(1, |(_, entries)| **entries);
            let choices = values.into_iter().take(TOP).map(|(value, entries)| {
                let on = query.values(dimension).iter().any(|own| own == value);
                let narrowed =
                    if on { query.without(dimension, value) } else { query.with(dimension, value) };
                Choice {
                    word: word(dimension, value, counts),
                    deed: (dimension == Dimension::EventType).then(|| Deed::of(value)),
                    entries: *entries,
                    share: entries * 100 / most,
                    on,
                    href: narrowed.href(),
                }
            });
            Facet { title, choices: choices.collect() }
        })
        .collect()
}

fn word(dimension: Dimension, value: &str, counts: &Counts) -> String {
    match dimension {
        Dimension::EventType => verb(value).into_owned(),
        Dimension::ObjectType => noun(value).into_owned(),
        Dimension::UserId | Dimension::ObjectId => {
            let name = counts.people.get(value).map_or(value, String::as_str);
            if name.is_empty() { "nobody named".to_owned() } else { harmless(name).into_owned() }
        }
    }
}
