//! Trying a connector out: as soon as it starts, and from time to time, so that what a person sees of its
//! connection is true without their asking.

use crate::collect::Collector;
use crate::connector::Connector;
use crate::http::App;
use crate::hubspot::test_connection;
use crate::reach;

const EVERY_MS: u64 = 15 * 60_000;

/// Never ends, and never fails: what a test finds is its result.
pub(super) async fn again_and_again(app: &App, collector: &Collector, connector: &Connector) {
    loop {
        // The collection itself has unsealed them a moment ago.
        if let Ok(options) = reach::options(&app.store, connector, &app.config.network, &app.keyring) {
            let report = test_connection(&options, app.clock.now()).await;
            if let Some(account) = &report.account {
                if let Some(zone) = account.zone() {
                    collector.set_zone(zone);
                }
                let portal_id = account.portal_id.and_then(|id| i64::try_from(id).ok());
                if let Err(error) = app.store.note_account(connector.id, portal_id, account.time_zone.clone())
                {
                    tracing::warn!(
                        connector = connector.name(),
                        "what the account says is not kept: {error}"
                    );
                }
            }
        }
        app.clock.pause(EVERY_MS).await;
    }
}
