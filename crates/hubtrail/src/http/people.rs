//! Who is behind the user ids of some events, as far as HubSpot told. It is no part of an event, and it may be
//! missing for all of them.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Problem};
use crate::connector::ConnectorId;
use crate::store::Entry;

/// Who did it, as HubSpot told it last
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::http) struct PersonTold {
    email: Option<String>,
    role: Option<String>,
    /// Has left the account.
    gone: bool,
}

#[derive(Default)]
pub(in crate::http) struct People(HashMap<(ConnectorId, String), PersonTold>);

impl People {
    /// # Errors
    /// When the log cannot be read.
    pub(in crate::http) async fn of(
        app: &App,
        entries: impl IntoIterator<Item = &Entry>,
    ) -> Result<Self, Problem> {
        let wanted: HashSet<_> = entries.into_iter().filter_map(key).collect();
        if wanted.is_empty() {
            return Ok(Self::default());
        }
        let people = app.log(move |store| {
            let mut people = HashMap::new();
            for (connector, id) in wanted {
                if let Some(person) = store.person(connector, &id)? {
                    let told = PersonTold { email: person.email, role: person.role, gone: person.gone };
                    people.insert((connector, id), told);
                }
            }
            Ok(people)
        });
        people.await.map(Self)
    }

    pub(in crate::http) fn behind(&self, entry: &Entry) -> Option<PersonTold> {
        key(entry).and_then(|key| self.0.get(&key)).cloned()
    }
}

fn key(entry: &Entry) -> Option<(ConnectorId, String)> {
    let event = entry.event.as_ref().ok().filter(|event| !event.user_id.is_empty())?;
    Some((entry.connector, event.user_id.clone()))
}
