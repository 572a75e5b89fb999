//! The account's audit log: every record once serialised, in order of time, those of one millisecond
//! in the order in which they were added.

use std::collections::HashMap;
use std::ops::Range;

use bytes::Bytes;

use crate::query::{Dimension, Filter, Order};
use crate::record::{Record, TimeForm};

/// A record's place. No two records share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub at_ms: i64,
    pub sequence: u64,
}

/// From when on a record can be seen: both must be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visible {
    pub from_ms: i64,
    /// Audit-log requests answered since the start.
    pub after_requests: u64,
}

impl Visible {
    pub const ALWAYS: Self = Self { from_ms: i64::MIN, after_requests: 0 };
}

/// What has been reached, to compare `Visible` with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub now_ms: i64,
    pub requests: u64,
}

struct Entry {
    key: Key,
    values: [u32; 4],
    visible: Visible,
    json: Bytes,
}

impl Entry {
    fn is_visible(&self, moment: Moment) -> bool {
        self.visible.from_ms <= moment.now_ms && self.visible.after_requests <= moment.requests
    }
}

/// One end of a range of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    Time {
        ms: i64,
        inclusive: bool,
    },
    /// Beyond this record.
    Place(Key),
}

/// A filter in the history's own numbers. None allows everything.
pub(super) struct Sieve([Option<Vec<u32>>; 4]);

impl Sieve {
    fn allows(&self, entry: &Entry) -> bool {
        self.0
            .iter()
            .zip(entry.values)
            .all(|(set, value)| set.as_ref().is_none_or(|set| set.binary_search(&value).is_ok()))
    }
}

/// What a scan found, in the order asked for.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub records: Vec<Bytes>,
    pub first: Option<Key>,
    pub last: Option<Key>,
    pub more: bool,
}

impl Scan {
    fn collect<'a>(found: impl Iterator<Item = &'a Entry>, limit: usize) -> Self {
        let mut scan = Self::default();
        for entry in found {
            if scan.records.len() == limit {
                scan.more = true;
                break;
            }
            scan.first = scan.first.or(Some(entry.key));
            scan.last = Some(entry.key);
            scan.records.push(entry.json.clone());
        }
        scan
    }
}

/// Which name changes: a person's or an object's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Renamed {
    User(String),
    Object(String),
}

pub(super) struct History {
    form: TimeForm,
    entries: Vec<Entry>,
    numbers: HashMap<String, u32>,
    /// The newest name of everyone who ever did anything.
    authors: HashMap<String, String>,
    renamed: HashMap<Renamed, String>,
    sequence: u64,
}

impl History {
    pub(super) fn new(form: TimeForm) -> Self {
        Self {
            form,
            entries: Vec::new(),
            numbers: HashMap::new(),
            authors: HashMap::new(),
            renamed: HashMap::new(),
            sequence: 0,
        }
    }

    pub(super) fn add(&mut self, records: Vec<Record>, mut visible: impl FnMut(&Record) -> Visible) {
        self.entries.reserve(records.len());
        let newest = self.entries.len().saturating_sub(1);
        for mut record in records {
            self.rename_one(&mut record);
            if self.authors.get(&record.user_id) != Some(&record.full_name) {
                self.authors.insert(record.user_id.clone(), record.full_name.clone());
            }
            self.sequence += 1;
            let entry = Entry {
                key: Key { at_ms: record.timestamp_ms, sequence: self.sequence },
                values: [&record.event, &record.object_type, &record.user_id, &record.object_id]
                    .map(|value| number(&mut self.numbers, value)),
                visible: visible(&record),
                json: self.written(&record),
            };
            self.entries.push(entry);
        }
        if !self.entries[newest..].is_sorted_by_key(|entry| entry.key) {
            self.entries.sort_by_key(|entry| entry.key);
        }
    }

    fn written(&self, record: &Record) -> Bytes {
        // Boxed first: a history is long, and spare capacity would be kept with every record.
        record.write(self.form).into_bytes().into_boxed_slice().into()
    }

    fn rename_one(&self, record: &mut Record) {
        if self.renamed.is_empty() {
            return;
        }
        if let Some(name) = self.renamed.get(&Renamed::User(record.user_id.clone())) {
            record.full_name.clone_from(name);
        }
        if let Some(name) = self.renamed.get(&Renamed::Object(record.object_id.clone())) {
            record.object_name.clone_from(name);
        }
    }

    /// Gives a new name to what is recorded from now on, and to the past too if told so.
    pub(super) fn rename(&mut self, which: Renamed, name: String, past_too: bool) {
        if let Renamed::User(id) = &which
            && let Some(author) = self.authors.get_mut(id)
        {
            author.clone_from(&name);
        }
        let (dimension, id) = match &which {
            Renamed::User(id) => (Dimension::UserId, id.clone()),
            Renamed::Object(id) => (Dimension::ObjectId, id.clone()),
        };
        self.renamed.insert(which, name);
        let (true, Some(&value)) = (past_too, self.numbers.get(&id)) else { return };
        for index in 0..self.entries.len() {
            if self.entries[index].values[dimension as usize] != value {
                continue;
            }
            let json = std::str::from_utf8(&self.entries[index].json).ok().map(Record::read);
            if let Some(Ok(mut record)) = json {
                self.rename_one(&mut record);
                self.entries[index].json = self.written(&record);
            }
        }
    }

    /// The name that a person was given by a rename.
    pub(super) fn new_name(&self, user_id: &str) -> Option<&String> {
        self.renamed.get(&Renamed::User(user_id.to_owned()))
    }

    pub(super) fn authors(&self) -> &HashMap<String, String> {
        &self.authors
    }

    pub(super) fn sieve(&self, filter: &Filter) -> Sieve {
        Sieve(Dimension::ALL.map(|dimension| {
            let values = filter.values(dimension);
            if values.is_empty() {
                return None;
            }
            let mut set: Vec<u32> =
                values.iter().filter_map(|value| self.numbers.get(value).copied()).collect();
            set.sort_unstable();
            Some(set)
        }))
    }

    /// The records between the edges, whether visible or not.
    pub(super) fn range(&self, lower: Option<Edge>, upper: &[Edge]) -> Range<usize> {
        let first = |beyond: &dyn Fn(Key) -> bool| self.entries.partition_point(|entry| !beyond(entry.key));
        let start = match lower {
            None => 0,
            Some(Edge::Time { ms, inclusive: true }) => first(&|key| key.at_ms >= ms),
            Some(Edge::Time { ms, inclusive: false }) => first(&|key| key.at_ms > ms),
            Some(Edge::Place(place)) => first(&|key| key > place),
        };
        let ends = upper.iter().map(|edge| match *edge {
            Edge::Time { ms, inclusive: true } => first(&|key| key.at_ms > ms),
            Edge::Time { ms, inclusive: false } => first(&|key| key.at_ms >= ms),
            Edge::Place(place) => first(&|key| key >= place),
        });
        let end = ends.min().unwrap_or(self.entries.len());
        start.min(end)..end
    }

    pub(super) fn scan(
        &self,
        range: Range<usize>,
        order: Order,
        limit: usize,
        sieve: &Sieve,
        moment: Moment,
    ) -> Scan {
        let found =
            self.entries[range].iter().filter(|entry| sieve.allows(entry) && entry.is_visible(moment));
        match order {
            Order::Ascending => Scan::collect(found, limit),
            Order::Descending => Scan::collect(found.rev(), limit),
        }
    }

    pub(super) fn hidden(&self, moment: Moment) -> usize {
        self.entries.iter().filter(|entry| !entry.is_visible(moment)).count()
    }

    pub(super) fn visible(&self, moment: Moment) -> impl Iterator<Item = &Bytes> {
        self.entries.iter().filter(move |entry| entry.is_visible(moment)).map(|entry| &entry.json)
    }
}

fn number(numbers: &mut HashMap<String, u32>, value: &str) -> u32 {
    if let Some(&number) = numbers.get(value) {
        return number;
    }
    let number = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    numbers.insert(value.to_owned(), number);
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(object: &str, at_ms: i64) -> Record {
        Record {
            object_id: object.to_owned(),
            object_name: String::new(),
            object_type: "BLOG".to_owned(),
            event: "UPDATED".to_owned(),
            user_id: "1".to_owned(),
            full_name: "Ada".to_owned(),
            timestamp_ms: at_ms,
            meta: None,
        }
    }

    fn objects(history: &History) -> Vec<String> {
        let moment = Moment { now_ms: 0, requests: 0 };
        let read = |json: &Bytes| Record::read(std::str::from_utf8(json).unwrap()).unwrap().object_id;
        history.visible(moment).map(read).collect()
    }

    #[test]
    fn records_stand_in_order_of_time_and_then_as_they_were_added() {
        let mut history = History::new(TimeForm::Iso);
        let mut add = |records: &[(&str, i64)]| {
            let records = records.iter().map(|(object, at_ms)| record(object, *at_ms)).collect();
            history.add(records, |_| Visible::ALWAYS);
            objects(&history).concat()
        };
        assert_eq!(add(&[("c", 9), ("a", 5), ("b", 5)]), "abc");
        assert_eq!(add(&[("d", 9), ("e", 10)]), "abcde");
        assert_eq!(add(&[("f", 5)]), "abfcde");
    }

    #[test]
    fn the_newest_name_of_an_author_is_kept() {
        let mut history = History::new(TimeForm::Iso);
        history.add(vec![record("a", 1)], |_| Visible::ALWAYS);
        history.rename(Renamed::User("1".to_owned()), "Ada Lovelace".to_owned(), false);
        assert_eq!(history.authors()["1"], "Ada Lovelace");
        history.add(vec![record("b", 2)], |_| Visible::ALWAYS);
        assert_eq!((history.authors()["1"].as_str(), history.new_name("2")), ("Ada Lovelace", None));
    }
}
