//! What a collection tells, in the service's own log: each trouble once, until it is over.

use tokio::sync::mpsc::UnboundedReceiver;

use crate::collect::Tell;

/// Works for as long as the collection does. Each walk says itself how it ended.
pub(super) async fn announce(connector: &str, mut told: UnboundedReceiver<Tell>) {
    let mut last_trouble = None;
    while let Some(tell) = told.recv().await {
        match tell {
            Tell::Page(_) => {}
            Tell::Walked(report) => {
                last_trouble = None;
                if let Some(held) = report.withdrawn {
                    tracing::warn!(connector, "hubspot no longer serves entries of {held} that we hold");
                }
            }
            Tell::Waiting { error, ms } => once(&mut last_trouble, error.to_string(), |trouble| {
                tracing::warn!(connector, "waiting {} s: {trouble}", ms / 1_000);
            }),
            Tell::Failed { message, fix } => once(&mut last_trouble, message, |trouble| {
                tracing::warn!(connector, fix, "{trouble}");
            }),
            Tell::Note(note) => tracing::info!(connector, "{note}"),
        }
    }
}

fn once(last: &mut Option<String>, trouble: String, say: impl FnOnce(&str)) {
    // HubSpot gives every refusal an id of its own.
    let same = |text: &str| text.split(", correlation id").next().map(str::to_owned);
    if last.as_deref().and_then(same) != same(&trouble) {
        say(&trouble);
        *last = Some(trouble);
    }
}
