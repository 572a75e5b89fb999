//! `hubtrail serve --check`: what the service would do, and what stands in its way. Nothing is changed, and
//! nobody is asked over the network.

use std::net::SocketAddr;

use hubtrail_core::time::UtcMs;

use crate::cli::Session;
use crate::cli::check::{Check, Verdict};
use crate::cli::connector::apply::said;
use crate::cli::doctor::machine;
use crate::cli::sealed;
use crate::config::{Config, Server};
use crate::connector::{Connector, Keep};
use crate::declared::{Plan, plan};
use crate::http::listen::Listener;
use crate::secret::Keyring;
use crate::serve::declaring;
use crate::store::Store;

const KEY: &str = "key";

pub(super) async fn checks(session: &Session, config: &Config) -> anyhow::Result<Vec<Check>> {
    let mut checks = vec![match &config.file {
        Some(file) => Check::ok("configuration", file.display().to_string()),
        None => Check::ok("configuration", "no file; the built-in values and the environment"),
    }];
    checks.extend(machine::checks(config));
    checks.push(listener(&config.server).await);
    checks.push(Check::ok("retention", kept(config.storage.retention_days)));
    checks.extend(connectors(session, config)?);
    Ok(checks)
}

async fn listener(server: &Server) -> Check {
    const WHAT: &str = "listener";
    // Any port will do for looking at the certificate: the real one may be in use by the service that runs.
    let anywhere = SocketAddr::new(server.listen.ip(), 0);
    if let Err(error) = Listener::bind(&Server { listen: anywhere, ..server.clone() }).await {
        return Check::fail(WHAT, error.to_string(), "change the section [server] as it says");
    }
    let tls = if server.tls_certificate.is_some() { "HTTPS" } else { "HTTP" };
    let found = format!("would speak {tls} on {}", server.listen);
    if crate::http::listen::is_exposed(server) {
        let fix =
            "configure tls_certificate and tls_key, or put a proxy with TLS in front and set public_url";
        return Check::fail(WHAT, format!("{found}: passwords would travel in clear"), fix);
    }
    Check::ok(WHAT, found)
}

fn kept(days: Option<u32>) -> String {
    match days {
        Some(days) => format!("entries older than {days} days would be taken out"),
        None => "everything is kept".to_owned(),
    }
}

/// Of those that have a time of their own, as they would be once what is declared is in line.
fn own_retentions(held: &[Connector], config: &Config, now: UtcMs) -> Vec<Check> {
    let is_declared =
        |name: &str| config.connectors.iter().any(|declared| declared.name().eq_ignore_ascii_case(name));
    let held = held.iter().filter(|one| !is_declared(one.name())).map(|one| one.settings.clone());
    let declared = config.connectors.iter().map(|declared| declared.settings(now, false));
    let own = held.chain(declared).filter(|settings| settings.retention != Keep::AsOthers);
    own.map(|one| Check::ok("retention", format!("`{}`: {}", one.name, kept(one.retention.days(None)))))
        .collect()
}

/// Only those that fail are told one by one.
fn opens(store: &Store, held: &[Connector], keyring: &Keyring) -> anyhow::Result<Vec<Check>> {
    let mut failed = sealed::checks(store, &Ok(keyring.clone()))?;
    failed.retain(|check| check.verdict == Verdict::Fail);
    for connector in held {
        if let Err(error) = connector.credentials(keyring) {
            failed.push(Check::fail(KEY, error.to_string(), "restore the key, or give the token again"));
        }
    }
    if failed.is_empty() {
        failed.push(Check::ok(KEY, "opens every token and secret"));
    }
    Ok(failed)
}

fn connectors(session: &Session, config: &Config) -> anyhow::Result<Vec<Check>> {
    let scratch = tempfile::tempdir()?;
    let exists = Store::exists(&config.storage.data_dir);
    let store = if exists { session.store()? } else { Store::open(scratch.path())? };
    let held = store.connectors()?;
    let mut checks = own_retentions(&held, config, session.clock.now());
    let keyring = if sealed::nothing(&store)? {
        checks.push(Check::skip(KEY, "nothing is sealed yet"));
        None
    } else {
        match session.existing_keyring() {
            Ok(keyring) => Some(keyring),
            Err(error) => {
                let fix = "restore the key, or name it in the section [security]";
                checks.push(Check::fail(KEY, format!("{error:#}"), fix));
                return Ok(checks);
            }
        }
    };
    if let Some(keyring) = &keyring {
        checks.extend(opens(&store, &held, keyring)?);
    }
    let by = declaring(config);
    let Plan { steps, refused } =
        plan(&store, keyring.as_ref(), &config.connectors, &by, session.clock.now())?;
    for error in refused {
        checks.push(Check::fail("connector", error.to_string(), error.fix()));
    }
    checks.extend(steps.iter().map(|step| Check::ok("connector", said(step, true))));
    let collecting = held.iter().filter(|connector| !connector.settings.paused && !connector.declared);
    for connector in collecting {
        if !steps.iter().any(|step| step.name == connector.name()) {
            checks.push(Check::ok("connector", format!("`{}` would be collected", connector.name())));
        }
    }
    Ok(checks)
}
