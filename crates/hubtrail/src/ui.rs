//! The console: pages rendered here, readable without a script, and made live by a few small modules.
//!
//! A page asks the log and the same functions as the REST API and the command line; it decides nothing
//! of its own. Whatever a page shows of an account has passed the caller's [`Accounts`](crate::access::Accounts).

mod activity;
mod alerts;
mod asset;
mod badge;
mod bars;
mod connectors;
mod deed;
mod enter;
mod events;
mod failed;
mod fields;
#[expect(unreachable_pub, reason = "what the attribute `filter_fn` makes is")]
mod filters;
mod findings;
mod frame;
mod heat;
#[cfg(test)]
mod hostile;
mod hubspot;
mod icon;
mod lanes;
mod leader;
mod named;
mod overview;
mod page;
mod partial;
mod prose;
mod rules;
mod said;
mod settings;
mod setup;
mod severity;
mod sign_in;
mod sinks;
mod standing;
mod status;
mod strip;
mod subjects;
mod viewer;
mod when;

use axum::Router;
use axum::routing::{get, post};

use crate::http::App;

pub(crate) use failed::failures_as_pages;

/// Every page and what it is made of.
pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(overview::show))
        .route("/enter", get(enter::enter))
        .route("/events", get(events::list))
        .route("/events/rows", get(events::rows_alone))
        .route("/events/views", post(events::views::save))
        .route("/events/views/{id}/remove", post(events::views::remove))
        .route("/events/{position}", get(events::one))
        .route("/setup", get(setup::show).post(setup::set_up))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/status", get(status::show))
        .route("/status.csv", get(status::csv))
        .merge(alerts::router())
        .merge(connectors::router())
        .merge(findings::router())
        .merge(rules::router())
        .merge(settings::router())
        .merge(sinks::router())
        .merge(subjects::router())
        .route("/assets/{build}/{*name}", get(asset::serve))
}
