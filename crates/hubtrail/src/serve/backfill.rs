//! Carrying out the backfills that people ask for, one after the other, beside the tail. A request stays
//! open until its range was walked to the end, whatever restarts lie in between.

use tokio::sync::Notify;

use crate::collect::{CollectError, Collector, WalkReport};
use crate::connector::ConnectorId;
use crate::http::App;

/// Works until the log cannot be used.
pub(super) async fn carry_out(
    app: &App,
    collector: &Collector,
    connector: ConnectorId,
    asked: &Notify,
) -> Result<(), CollectError> {
    loop {
        for request in app.store.open_backfills(connector)? {
            let to = request.to.unwrap_or(request.requested_at);
            let outcome = match Box::pin(collector.requested(request.from, to)).await {
                Ok(reports) => ended(&reports),
                Err(error @ CollectError::Gaps(_)) => error.to_string(),
                Err(error) => return Err(error),
            };
            app.store.backfill_ended(request.id, app.clock.now(), outcome)?;
        }
        asked.notified().await;
    }
}

fn ended(reports: &[WalkReport]) -> String {
    let sum = |of: fn(&WalkReport) -> u64| reports.iter().map(of).sum::<u64>();
    format!("ended: {} new events, {} held already", sum(|report| report.new), sum(|report| report.duplicate))
}
