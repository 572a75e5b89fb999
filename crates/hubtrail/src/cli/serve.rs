//! `hubtrail serve`: the whole service, until SIGTERM or Ctrl-C.

mod check;

use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use secrecy::ExposeSecret as _;

use super::check::{Verdict, print};
use super::detect::budget;
use super::session::{ended, service_runtime};
use super::{Session, output};
use crate::http::App;
use crate::http::listen::{Listener, is_exposed};
use crate::serve;
use crate::store::RoleLock;

/// What still runs in the background when the service has ended may take so long.
const BACKGROUND_GRACE: Duration = Duration::from_millis(500);

/// Collect every connector, and serve the console and the APIs
#[derive(Debug, Args)]
#[command(after_help = "\
Every other command but `collect` and `restore` works beside it and takes effect at once: a connector that is added, \
changed, paused or removed is noticed within a second. SIGTERM or Ctrl-C ends it; nothing is lost.

Examples:
  hubtrail serve --check                     says what it would do; exit code 1: something stands in the way
  hubtrail serve --listen 127.0.0.1:8787")]
pub struct Serve {
    /// Where to listen [default: server.listen of the configuration, else 127.0.0.1:8787]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Rules of your own: a file or a directory [default: detection.rules of the configuration]
    #[arg(long, value_name = "DIR")]
    rules: Option<std::path::PathBuf>,
    /// Alerts in 30 days that an account may raise [default: detection.alert_budget of the configuration, else 5]
    #[arg(long, value_name = "N", value_parser = budget)]
    alert_budget: Option<f64>,
    /// Only say what would be done, and what stands in the way
    #[arg(long)]
    check: bool,
}

impl Serve {
    /// # Errors
    /// When the address, the data directory or the key cannot be used, or another process collects there.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let mut config = session.config.clone();
        config.server.listen = self.listen.unwrap_or(config.server.listen);
        config.detection.rules = self.rules.or(config.detection.rules);
        config.detection.alert_budget = self.alert_budget.unwrap_or(config.detection.alert_budget);
        let runtime = service_runtime()?;
        if self.check {
            let checks = runtime.block_on(check::checks(session, &config))?;
            print(&checks)?;
            let failed = checks.iter().any(|check| check.verdict == Verdict::Fail);
            return Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        let store = session.store()?;
        let _only = RoleLock::take(&config.storage.data_dir, "hubtrail serve")?;
        let keyring = session.keyring_for(&store)?;
        let app = App::new(store, session.clock, Arc::new(config), keyring);
        serve::declare(&app)?;
        let served = runtime.block_on(serve(app));
        runtime.shutdown_timeout(BACKGROUND_GRACE);
        served.map(|()| ExitCode::SUCCESS)
    }
}

async fn serve(app: App) -> anyhow::Result<()> {
    // Whoever reads that it listens may end it at once.
    let ended = ended();
    let listener = Listener::bind(&app.config.server).await?;
    let url = app.config.server.public_url.as_ref().map_or_else(|| listener.url(), ToString::to_string);
    tell(format_args!("listening on {}", listener.url()));
    if !app.store.has_users()? {
        let link = app.gate.setup.link(&url)?;
        tell(format_args!("nobody can sign in yet; set a password at {}", link.expose_secret()));
    }
    if is_exposed(&app.config.server) {
        tracing::warn!(
            "passwords travel in clear: configure TLS, or set public_url to the proxy's https address"
        );
    }
    serve::run(app, listener, ended).await?;
    Ok(())
}

/// Whoever started it need not go on reading: that is no reason not to serve.
fn tell(line: impl Display) {
    if let Err(error) = output::print_line(line) {
        tracing::debug!("nobody reads what is printed: {error}");
    }
}
