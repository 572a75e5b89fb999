//! A HubSpot account with a content audit log, to test clients against: well behaved unless told
//! otherwise, and able to do everything that HubSpot does not rule out.
//!
//! It holds its history in memory and reads no clock: the caller says what time it is.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::backend::Account;
use crate::directory::Person;
use crate::record::Record;
use crate::router::router;

pub mod behaviour;
pub mod clock;
mod control;
mod cursor;
pub mod faults;
mod gate;
mod history;
pub mod limits;
mod line;
pub mod oauth;
pub mod portal;
pub mod scenario;
mod selection;
pub mod stats;
pub mod trace;

use behaviour::Behaviour;
use faults::{FaultPlan, Faults};
use limits::RateLimit;
use line::{Line, Listener};
use portal::Portal;
use stats::Stats;

/// UTC milliseconds since 1970, by whatever clock the emulated account lives by.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Everything that can be set from a command line. The history is handed over apart from it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Port 0 takes a free one.
    pub listen: SocketAddr,
    /// The one token that is accepted. It opens nothing but this emulator.
    pub token: String,
    /// What the token may see.
    pub scopes: Vec<String>,
    /// Whether the account has Content Hub Enterprise, without which the audit log is refused.
    pub enterprise: bool,
    /// Decides which records are late and which requests are disturbed.
    pub seed: u64,
    pub rate_limit: RateLimit,
    /// Calls a day, until midnight in the account's time zone. None: no limit.
    pub daily_limit: Option<u64>,
    pub behaviour: Behaviour,
    pub faults: FaultPlan,
    pub account: Account,
    /// A public app that may exchange its refresh token for access tokens, besides the one token.
    pub app: Option<oauth::App>,
    /// Whoever else appears in the history is added with a made-up address.
    pub people: Vec<Person>,
}

impl Default for Config {
    fn default() -> Self {
        let scopes = ["content", "oauth", "settings.users.read", "crm.objects.owners.read"];
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            token: "pat-na1-emulator".to_owned(),
            scopes: scopes.map(str::to_owned).to_vec(),
            enterprise: true,
            seed: 1,
            rate_limit: RateLimit::default(),
            daily_limit: Some(limits::ENTERPRISE_DAILY),
            behaviour: Behaviour::default(),
            faults: FaultPlan::default(),
            account: Account {
                portal_id: 4_711_001,
                account_type: "STANDARD".to_owned(),
                time_zone: "UTC".to_owned(),
                currency: "USD".to_owned(),
                data_hosting_location: "na1".to_owned(),
            },
            app: None,
            people: Vec::new(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("listen on {addr}: {source}; choose another address or port 0")]
pub struct CannotListen {
    pub addr: SocketAddr,
    pub source: io::Error,
}

/// A running emulator. It stops when it is dropped.
pub struct Emulator {
    pub addr: SocketAddr,
    portal: Arc<Portal>,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: Config, now: Now, history: Vec<Record>) -> Result<Self, CannotListen> {
        let addr = config.listen;
        let cannot_listen = |source| CannotListen { addr, source };
        let socket = TcpListener::bind(addr).await.map_err(cannot_listen)?;
        let addr = socket.local_addr().map_err(cannot_listen)?;
        let (stop, stopped) = watch::channel(false);
        let portal = Arc::new(Portal::new(config, now, history, stopped.clone()));
        let app = app(&portal).into_make_service_with_connect_info::<Line>();
        let server = axum::serve(Listener(socket), app).with_graceful_shutdown(line::stopped(stopped));
        let server = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the emulator stopped listening");
            }
        });
        Ok(Self { addr, portal, stop, server })
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The account itself; it can be shared with whatever makes it live.
    #[must_use]
    pub fn portal(&self) -> &Arc<Portal> {
        &self.portal
    }

    /// Adds records to the history, in any order.
    pub fn push(&self, records: Vec<Record>) {
        self.portal.push(records);
    }

    /// Every visible record as it would be served now, oldest first, repeated ones repeated.
    #[must_use]
    pub fn truth(&self) -> Vec<String> {
        self.portal.truth()
    }

    #[must_use]
    pub fn faults(&self) -> &Faults {
        self.portal.faults()
    }

    #[must_use]
    pub fn stats(&self) -> Stats {
        self.portal.stats()
    }

    /// Ends the requests under way, also those that hang on purpose, and frees the port.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the emulator did not end in order");
        }
    }
}

fn app(portal: &Arc<Portal>) -> Router {
    let api = router(portal.clone()).layer(from_fn_with_state(portal.clone(), gate::gate));
    control::routes(portal.clone()).fallback_service(api)
}
