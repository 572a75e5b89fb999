//! Bringing the sinks of the log in line with those that the configuration file declares. One that is declared no
//! more is paused, and kept with its position.

use std::path::Path;

use hubtrail_core::time::UtcMs;

use crate::access::Actor;
use crate::config::{ConfigError, DeclaredSink};
use crate::secret::Keyring;
use crate::sink::{By, Configured};
use crate::store::{NewAudit, NewSink, SinkChange, Store, StoreError};

/// Why a sink is not as it is declared. The others are.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    Credentials(#[from] ConfigError),
    #[error("sink `{name}`: {error}")]
    Log { name: String, error: StoreError },
}

/// # Errors
/// When the log cannot be read or written.
pub fn declare_sinks(
    store: &Store,
    keyring: &Keyring,
    declared: &[DeclaredSink],
    file: &Path,
    now: UtcMs,
) -> Result<Vec<Refused>, StoreError> {
    let held = store.sinks()?;
    let is = |sink: &Configured, name: &str| sink.name().to_lowercase() == name.to_lowercase();
    let mut refused = Vec::new();
    for one in declared {
        let sink = held.iter().find(|sink| is(sink, one.name()));
        if let Err(error) = declare(store, keyring, one, sink, file, now) {
            refused.push(error);
        }
    }
    for sink in held.iter().filter(|sink| sink.declared) {
        if !declared.iter().any(|one| is(sink, one.name())) {
            store.release_sink(sink.id)?;
            note(store, "sink.update", sink.name(), "no longer declared", now)?;
        }
    }
    Ok(refused)
}

fn declare(
    store: &Store,
    keyring: &Keyring,
    one: &DeclaredSink,
    sink: Option<&Configured>,
    file: &Path,
    now: UtcMs,
) -> Result<(), Refused> {
    let failed = |error: StoreError| Refused::Log { name: one.name().to_owned(), error };
    let accounts = one.accounts.iter().map(|name| store.connector(name).map(|connector| connector.id));
    let settings = one.settings(accounts.collect::<Result<_, _>>().map_err(failed)?);
    let credentials = one.credentials()?;
    let declared_in = Some(file.display().to_string());
    let Some(sink) = sink else {
        let new = NewSink {
            settings,
            credentials,
            by: By::Operator,
            paused: one.paused.unwrap_or(false),
            since: one.start.from_now(now),
            declared_in,
            created_at: now,
        };
        store.add_sink(new, keyring).map_err(failed)?;
        return note(store, "sink.create", one.name(), "", now).map_err(failed);
    };
    let paused = one.paused.unwrap_or(sink.paused);
    let known = sink.credentials(keyring).is_ok_and(|held| held.same_as(&credentials));
    if sink.declared && known && sink.settings == settings && sink.paused == paused {
        return Ok(());
    }
    let change =
        SinkChange { settings, paused, credentials: Some(credentials), by: By::Operator, declared_in };
    store.update_sink(sink, change, keyring).map_err(failed)?;
    note(store, "sink.update", one.name(), "as declared", now).map_err(failed)
}

fn note(store: &Store, action: &'static str, name: &str, detail: &str, now: UtcMs) -> Result<(), StoreError> {
    store.audit(NewAudit::by(&Actor::configuration_file(), action, name).detail(detail), now)
}
