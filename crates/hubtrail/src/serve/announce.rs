//! What a collection tells, in the service's own log: each trouble once, until it is over.

use tokio::sync::mpsc::UnboundedReceiver;

use crate::collect::{News, Tell};

/// Works for as long as the collection does. Each walk says itself how it ended.
pub(super) async fn announce(connector: &str, mut told: UnboundedReceiver<Tell>) {
    let mut news = News::default();
    while let Some(tell) = told.recv().await {
        match tell {
            Tell::Page(_) => {}
            Tell::Walked(report) => {
                news.over();
                if let Some(held) = report.withdrawn {
                    tracing::warn!(connector, "hubspot no longer serves entries of {held} that we hold");
                }
            }
            Tell::Waiting { error, ms } if news.is_news(&error.to_string()) => {
                tracing::warn!(connector, "waiting {} s: {error}", ms / 1_000);
            }
            Tell::Failed { message, fix } if news.is_news(&message) => {
                tracing::warn!(connector, fix, "{message}");
            }
            Tell::Waiting { .. } | Tell::Failed { .. } => {}
            Tell::Note(note) => tracing::info!(connector, "{note}"),
        }
    }
}
