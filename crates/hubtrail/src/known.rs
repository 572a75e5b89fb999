//! What is known of the accounts and people behind some entries of the log, and the entries with it, as the
//! encoders take them. People may be missing for all of them: they are no part of an event.

use std::collections::{HashMap, HashSet};

use hubtrail_core::encode::{Account, Item, Person, Recorded};

use crate::connector::ConnectorId;
use crate::hubspot;
use crate::store::{Entry, Store, StoreError};

#[derive(Clone, Debug, Default)]
pub struct Known {
    accounts: HashMap<ConnectorId, (String, Option<i64>)>,
    people: HashMap<ConnectorId, HashMap<String, Option<hubspot::Person>>>,
}

impl Known {
    /// The connectors, also those that were removed; nobody yet.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn of(store: &Store) -> Result<Self, StoreError> {
        let connectors = store.connectors_ever()?.into_iter();
        let accounts = connectors.map(|connector| {
            let name = connector.settings.name;
            (connector.id, (name, connector.portal_id))
        });
        Ok(Self { accounts: accounts.collect(), people: HashMap::new() })
    }

    /// Looks up who is behind these entries. Who was looked up before stays as they were.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn meet(&mut self, store: &Store, entries: &[Entry]) -> Result<(), StoreError> {
        let new: HashSet<_> = entries.iter().filter_map(key).filter(|key| !self.has_met(*key)).collect();
        for (connector, id) in new {
            self.meet_person(store, connector, id)?;
        }
        Ok(())
    }

    /// As [`Known::meet`], by the id of one person.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn meet_person(&mut self, store: &Store, connector: ConnectorId, id: &str) -> Result<(), StoreError> {
        if !id.is_empty() && !self.has_met((connector, id)) {
            let person = store.person(connector, id)?;
            self.people.entry(connector).or_default().insert(id.to_owned(), person);
        }
        Ok(())
    }

    fn has_met(&self, (connector, id): (ConnectorId, &str)) -> bool {
        self.people.get(&connector).is_some_and(|people| people.contains_key(id))
    }

    #[must_use]
    pub fn item<'a>(&'a self, entry: &'a Entry) -> Item<'a> {
        Item::Event(Recorded {
            id: entry.event_id,
            position: Some(entry.position.0),
            stream: entry.stream,
            account: self.account(entry.connector),
            time: entry.timestamp,
            seen_at: Some(entry.seen_at),
            raw: &entry.raw,
            event: entry.event.as_ref().map_err(String::as_str),
            person: key(entry).and_then(|(connector, id)| self.person(connector, id)),
        })
    }

    #[must_use]
    pub fn account(&self, connector: ConnectorId) -> Account<'_> {
        let known = self.accounts.get(&connector);
        known.map_or(Account::default(), |(name, portal_id)| Account {
            connector: name,
            portal_id: *portal_id,
        })
    }

    #[must_use]
    pub fn person(&self, connector: ConnectorId, id: &str) -> Option<Person<'_>> {
        let person = self.people.get(&connector)?.get(id)?.as_ref()?;
        Some(Person { email: person.email.as_deref(), role: person.role.as_deref(), gone: person.gone })
    }
}

/// Whose entry it is, if it says so.
fn key(entry: &Entry) -> Option<(ConnectorId, &str)> {
    let event = entry.event.as_ref().ok().filter(|event| !event.user_id.is_empty())?;
    Some((entry.connector, &event.user_id))
}
