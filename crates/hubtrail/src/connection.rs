//! Testing a stored connector: what the test finds is kept, and the newest test is how the connection is.
//! A recovery therefore needs nobody who clears an old failure.

use hubtrail_core::time::UtcMs;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Clock;
use crate::config::Network;
use crate::connector::Connector;
use crate::hubspot::{ConnectionReport, StageReport, Trouble, test_connection, untestable};
use crate::reach;
use crate::secret::Keyring;
use crate::store::{ConnectionTest, Store, StoreError};

/// How often a connection is tested without anybody asking.
pub const EVERY_MS: u64 = 15 * 60_000;

/// Tests a connector and keeps the report, and what HubSpot says of the account. Whoever listens at `tell` is
/// told each stage as soon as it is over; one that a later stage has refuted is told again.
///
/// # Errors
/// When the report could not be kept; what the test itself finds is in the report.
pub async fn test_connector(
    store: &Store,
    keyring: &Keyring,
    network: &Network,
    clock: Clock,
    connector: &Connector,
    tell: Option<&UnboundedSender<StageReport>>,
) -> Result<ConnectionReport, StoreError> {
    let now = clock.now();
    let report = match reach::options(store, connector, network, keyring) {
        Ok(options) => test_connection(&options, connector.portal_id, now, tell).await,
        Err(error) => {
            let fix = "Restore the key file of the data directory from where you keep it, or give the connector \
                       its token again with `hubtrail connector token NAME`.";
            untestable(Trouble::new("sealed", "sealed", error.to_string(), fix), now, tell)
        }
    };
    keep(store, connector, now, &report).await?;
    Ok(report)
}

async fn keep(
    store: &Store,
    connector: &Connector,
    at: UtcMs,
    report: &ConnectionReport,
) -> Result<(), StoreError> {
    let (store, id, passed) = (store.clone(), connector.id, report.passed);
    let json = serde_json::to_string(report).map_err(|error| StoreError::unwritable("a test", &error))?;
    // Whose account it is, is learnt from a token that may be used.
    let account = report.account_id.filter(|_| passed).and_then(|id| i64::try_from(id).ok());
    let zone = report.time_zone.clone().filter(|_| passed);
    let kept = tokio::task::spawn_blocking(move || {
        store.record_connection_test(id, ConnectionTest { at, passed, report: json })?;
        if account.is_some() || zone.is_some() { store.note_account(id, account, zone) } else { Ok(()) }
    });
    kept.await.unwrap_or(Err(StoreError::Stopped))
}
