//! Trying a connector out: as soon as it starts, and from time to time, so that what a person sees of its
//! connection is true without their asking.

use jiff::tz::TimeZone;

use crate::collect::Collector;
use crate::connection::{EVERY_MS, test_connector};
use crate::connector::ConnectorId;
use crate::http::App;

/// Never ends, and never fails: what a test finds is its result.
pub(super) async fn again_and_again(app: &App, collector: &Collector, id: ConnectorId) {
    loop {
        if let Err(error) = Box::pin(once(app, collector, id)).await {
            tracing::warn!(connector = id.0, "what a test found is not kept: {error}");
        }
        app.clock.pause(EVERY_MS).await;
    }
}

async fn once(app: &App, collector: &Collector, id: ConnectorId) -> Result<(), crate::store::StoreError> {
    // As it is now: an earlier test may have learnt whose account it is.
    let connector = app.store.connector_by_id(id)?;
    let network = &app.config.network;
    let report = test_connector(&app.store, &app.keyring, network, app.clock, &connector, None).await?;
    if let Some(zone) = report.time_zone.and_then(|name| TimeZone::get(&name).ok()) {
        collector.set_zone(zone);
    }
    Ok(())
}
