//! For whoever starts, stops and watches the service: is the process alive, and can it do its work. Open to
//! everyone, and therefore without details.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;

use super::{App, Problem};

/// `/healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok"
}

#[derive(Serialize)]
pub(super) struct Ready {
    log: &'static str,
    /// `action_needed`: a sink has stopped until a person changes something. Collecting goes on.
    sinks: &'static str,
}

/// `/readyz`: the log can be read and written. What stands in the way is in the server's log.
pub(super) async fn ready(State(app): State<App>) -> Result<Json<Ready>, Problem> {
    let probed = app.log(|store| {
        store.probe()?;
        store.is_any_sink_stopped()
    });
    match probed.await {
        Ok(stopped) => Ok(Json(Ready { log: "ok", sinks: if stopped { "action_needed" } else { "ok" } })),
        Err(_) => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-ready",
            "the log cannot be read or written",
        )
        .fix("look into the server's log, and see `hubtrail doctor`")),
    }
}
