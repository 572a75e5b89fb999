//! What stands out among connectors, for whoever asks on every page: those that need a person, and those of which
//! something is still to come or could not be read. Few connectors are looked at each time; what was seen of many is kept
//! for some seconds.

use std::sync::{Arc, Mutex, PoisonError};

use hubtrail_core::time::UtcMs;

use super::{ConnectorStatus, State, all};
use crate::connector::ConnectorId;
use crate::store::{Store, StoreError};

/// Looking at so many takes some milliseconds.
const FEW: usize = 100;
const KEPT_MS: i64 = 10_000;

type Statuses = Arc<[ConnectorStatus]>;

#[derive(Debug, Default)]
pub struct Noticed {
    /// Of all connectors, and when that was.
    kept: Mutex<Option<(UtcMs, Statuses)>>,
}

impl Noticed {
    /// Among these connectors; none means all.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn among(
        &self,
        store: &Store,
        connectors: Option<&[ConnectorId]>,
        now: UtcMs,
    ) -> Result<Statuses, StoreError> {
        if connectors.map_or(store.connectors()?.len(), <[_]>::len) <= FEW {
            return look(store, connectors, now);
        }
        let all = self.all(store, now)?;
        Ok(match connectors {
            None => all,
            Some(own) => {
                let seen = |status: &&ConnectorStatus| own.iter().any(|id| id.0 == status.connector_id);
                all.iter().filter(seen).cloned().collect()
            }
        })
    }

    /// Whoever comes while somebody looks waits for the same answer instead of looking as well.
    fn all(&self, store: &Store, now: UtcMs) -> Result<Statuses, StoreError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, statuses)) = kept.as_ref()
            && (0..KEPT_MS).contains(&now.since(*at))
        {
            return Ok(statuses.clone());
        }
        let statuses = look(store, None, now)?;
        *kept = Some((now, statuses.clone()));
        Ok(statuses)
    }
}

fn look(store: &Store, connectors: Option<&[ConnectorId]>, now: UtcMs) -> Result<Statuses, StoreError> {
    let stands_out = |status: &ConnectorStatus| {
        status.state == State::ActionNeeded || status.progress.is_some() || status.open_gaps > 0
    };
    Ok(all(store, now, connectors)?.into_iter().filter(stands_out).collect())
}
