//! From an entry of the log to what a sink gets, with what is known of its account and of who did it.

use std::collections::HashMap;

use hubtrail_core::encode::{Account, Encoding, Person, Recorded};
use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use crate::connector::ConnectorId;
use crate::hubspot;
use crate::sink::{Item, Subject};
use crate::store::{Entry, LogEntry, Store, StoreError};

/// People who were looked up lately; more than this are looked up again.
const MOST_PEOPLE: usize = 10_000;

/// What is known of accounts and people, as of the batch before at most.
#[derive(Default)]
pub(super) struct Accounts {
    known: HashMap<ConnectorId, (String, Option<i64>)>,
    people: HashMap<(ConnectorId, String), Option<hubspot::Person>>,
}

impl Accounts {
    /// Forgets people, so that who has left is told as such soon.
    pub(super) fn refresh(&mut self, store: &Store) -> Result<(), StoreError> {
        if self.people.len() > MOST_PEOPLE {
            self.people.clear();
        }
        self.known.clear();
        for connector in store.connectors_ever()? {
            self.known.insert(connector.id, (connector.name().to_owned(), connector.portal_id));
        }
        Ok(())
    }

    fn account(&self, id: ConnectorId) -> Account<'_> {
        match self.known.get(&id) {
            Some((connector, portal_id)) => Account { connector, portal_id: *portal_id },
            None => Account::default(),
        }
    }

    fn person(&mut self, store: &Store, connector: ConnectorId, user_id: &str) -> Result<(), StoreError> {
        let key = (connector, user_id.to_owned());
        if !user_id.is_empty() && !self.people.contains_key(&key) {
            let found = store.person(connector, user_id)?;
            self.people.insert(key, found);
        }
        Ok(())
    }

    fn known_person(&self, connector: ConnectorId, user_id: &str) -> Option<Person<'_>> {
        let found = self.people.get(&(connector, user_id.to_owned()))?.as_ref()?;
        Some(Person { email: found.email.as_deref(), role: found.role.as_deref(), gone: found.gone })
    }
}

/// The event's time, which is what starts and replays are told by.
pub(super) fn time(entry: &LogEntry) -> UtcMs {
    match entry {
        LogEntry::Event(entry) => entry.timestamp,
    }
}

pub(super) fn subject(entry: &LogEntry) -> Subject<'_> {
    match entry {
        LogEntry::Event(entry) => Subject::Event {
            connector: entry.connector,
            stream: entry.stream,
            event: entry.event.as_ref().ok(),
        },
    }
}

pub(super) fn encode(
    store: &Store,
    accounts: &mut Accounts,
    encoding: Encoding,
    entry: &LogEntry,
) -> Result<Item, StoreError> {
    match entry {
        LogEntry::Event(entry) => event(store, accounts, encoding, entry),
    }
}

fn event(
    store: &Store,
    accounts: &mut Accounts,
    encoding: Encoding,
    entry: &Entry,
) -> Result<Item, StoreError> {
    let user_id = entry.event.as_ref().map_or("", |event| event.user_id.as_str());
    accounts.person(store, entry.connector, user_id)?;
    let recorded = Recorded {
        id: entry.event_id,
        position: Some(entry.position.0),
        stream: entry.stream,
        account: accounts.account(entry.connector),
        time: entry.timestamp,
        seen_at: Some(entry.seen_at),
        raw: &entry.raw,
        event: entry.event.as_ref().map_err(String::as_str),
        person: accounts.known_person(entry.connector, user_id),
    };
    let mut body = Vec::with_capacity(entry.raw.len() * 3 + 512);
    encoding.encode(&recorded.into(), &mut body);
    Ok(Item {
        position: entry.position,
        id: entry.event_id.to_string(),
        time: entry.timestamp,
        severity: Severity::Informational,
        body,
    })
}
