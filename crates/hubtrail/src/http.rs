//! The one listener: the console, the REST API, the archive that speaks HubSpot's protocol, metrics and health.
//!
//! A handler takes a [`Caller`](crate::access::Caller) and thereby refuses whoever is nobody; it asks the caller,
//! not the request, which accounts it may look into. Whatever goes wrong leaves as a [`Problem`].

mod accounts;
mod api;
mod archive;
pub mod auth;
mod cursor;
mod etag;
mod extract;
mod found;
mod guard;
mod headers;
mod health;
mod host;
mod limits;
pub mod listen;
mod metrics;
mod people;
mod problem;
pub(crate) mod scope;
mod selection;
mod tail;
mod told;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};

use crate::clock::Clock;
use crate::config::Config;
use crate::secret::Keyring;
use crate::status::Noticed;
use crate::store::{Store, StoreError};
use crate::ui;

pub use api::document;
pub(crate) use api::{alerts, backup, connectors, findings, rules, sinks, views};
pub use problem::Problem;

/// A path that leads nowhere.
pub(crate) const NO_SUCH_PATH: &str = "there is nothing at this path";

/// What every handler works with. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub config: Arc<Config>,
    pub keyring: Keyring,
    pub gate: auth::Gate,
    pub noticed: Arc<Noticed>,
}

impl App {
    #[must_use]
    pub fn new(store: Store, clock: Clock, config: Arc<Config>, keyring: Keyring) -> Self {
        Self { store, clock, config, keyring, gate: auth::Gate::default(), noticed: Arc::default() }
    }

    /// Works with the log without blocking the others who wait for an answer.
    ///
    /// # Errors
    /// What the log refuses, as the caller may read it.
    pub async fn log<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result.map_err(Problem::from),
            Err(_) => Err(Problem::internal("a background task ended unexpectedly")),
        }
    }
}

/// Everything that is answered. What comes later in this list comes earlier for a request.
pub fn router(app: App) -> Router {
    let routes = Router::new()
        .merge(ui::router())
        .nest("/api/v1", api::router())
        .route("/cms/{*rest}", any(archive::answer))
        .route("/healthz", get(health::alive))
        .route("/metrics", get(metrics::metrics))
        .route("/readyz", get(health::ready))
        .fallback(async || Problem::not_found(NO_SUCH_PATH))
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .layer(from_fn_with_state(app.clone(), ui::failures_as_pages));
    limits::limited(routes)
        .layer(from_fn_with_state(app.clone(), host::host))
        .layer(from_fn_with_state(app.clone(), headers::headers))
        .with_state(app)
}
