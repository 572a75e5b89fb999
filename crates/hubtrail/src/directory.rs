//! Keeping the people of an account known: who they are, what they may do and whether they have left.
//! Nothing depends on it; where the token may not ask, the events say what they say.

use hubtrail_core::time::UtcMs;

use crate::clock::Clock;
use crate::connector::ConnectorId;
use crate::hubspot::{ApiError, Directory, HubSpot};
use crate::store::{Store, StoreError};

const EVERY_MS: i64 = 6 * 3_600_000;
/// After something went wrong.
const AGAIN_MS: i64 = 15 * 60_000;

#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    #[error(transparent)]
    HubSpot(#[from] ApiError),
    #[error(transparent)]
    Log(#[from] StoreError),
}

/// Reads the lists and keeps them. What the token may not read is remembered as such.
///
/// # Errors
/// When HubSpot does not answer, or it could not be stored: what was known stays.
pub async fn refresh(
    store: &Store,
    hubspot: &HubSpot,
    connector: ConnectorId,
    now: UtcMs,
) -> Result<Directory, DirectoryError> {
    let directory = hubspot.directory(now).await?;
    let (store, kept) = (store.clone(), directory.clone());
    let stored = tokio::task::spawn_blocking(move || store.replace_people(connector, kept, now));
    stored.await.unwrap_or(Err(StoreError::Stopped))?;
    Ok(directory)
}

/// Refreshes when it is due, and never ends.
pub async fn keep_fresh(store: &Store, hubspot: &HubSpot, connector: ConnectorId, clock: Clock) {
    loop {
        let read = store.directory_read(connector).ok().flatten();
        let due_in_ms = read.map_or(0, |read| read.at.plus(EVERY_MS).since(clock.now()));
        let wait_ms = if due_in_ms > 0 {
            due_in_ms
        } else {
            match Box::pin(refresh(store, hubspot, connector, clock.now())).await {
                Ok(_) => EVERY_MS,
                Err(error) => {
                    tracing::debug!(connector = connector.0, "the account's people are not read: {error}");
                    AGAIN_MS
                }
            }
        };
        clock.pause(wait_ms.clamp(0, EVERY_MS).unsigned_abs()).await;
    }
}
