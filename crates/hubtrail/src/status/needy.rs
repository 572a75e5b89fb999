//! Which connectors need a person, for whoever asks on every page. Of few connectors that is looked up each time; of
//! many it is kept for some seconds.

use std::sync::{Mutex, PoisonError};

use hubtrail_core::time::UtcMs;

use super::{State, all};
use crate::connector::ConnectorId;
use crate::store::{Store, StoreError};

/// Looking at so many takes some milliseconds.
const FEW: usize = 100;
const KEPT_MS: i64 = 10_000;

#[derive(Debug, Default)]
pub struct Needy {
    /// Of all connectors, and when that was.
    kept: Mutex<Option<(UtcMs, Vec<ConnectorId>)>>,
}

impl Needy {
    /// How many of these connectors need a person; none means all.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn among(
        &self,
        store: &Store,
        connectors: Option<&[ConnectorId]>,
        now: UtcMs,
    ) -> Result<usize, StoreError> {
        if connectors.map_or(store.connectors()?.len(), <[_]>::len) <= FEW {
            return Ok(look(store, connectors, now)?.len());
        }
        // Whoever comes meanwhile waits for the same answer instead of asking for it as well.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let needy = match kept.take().filter(|(at, _)| (0..KEPT_MS).contains(&now.since(*at))) {
            Some(fresh) => fresh,
            None => (now, look(store, None, now)?),
        };
        let (_, ids) = kept.insert(needy);
        Ok(ids.iter().filter(|id| connectors.is_none_or(|own| own.contains(id))).count())
    }
}

fn look(
    store: &Store,
    connectors: Option<&[ConnectorId]>,
    now: UtcMs,
) -> Result<Vec<ConnectorId>, StoreError> {
    let statuses = all(store, now, connectors)?;
    let needy = statuses.into_iter().filter(|status| status.state == State::ActionNeeded);
    Ok(needy.map(|status| ConnectorId(status.connector_id)).collect())
}
