//! Bringing the connectors of the log in line with those that a file declares. A plan is made first, and can be
//! shown; nothing is ever erased by it.

mod sinks;

use std::path::{Path, PathBuf};

use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use serde::Serialize;

use crate::access::Actor;
use crate::config::{ConfigError, Declared};
use crate::connector::{Connector, Credentials, Settings, Start};
use crate::secret::Keyring;
use crate::store::{NewAudit, NewBackfill, NewConnector, Store, StoreError};

pub use sinks::{Refused, declare_sinks};

/// Who brings them in line.
#[derive(Clone, Debug)]
pub enum By {
    /// The configuration file: what it declares is read-only elsewhere, and paused when it is declared no more.
    Configuration(PathBuf),
    /// A person with a file. `prune`: what is not in it is removed, and its entries are kept.
    Person { prune: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    Create,
    /// By the names of what is another.
    Change {
        fields: Vec<&'static str>,
    },
    Leave,
    /// The configuration file declares it no more: it is paused, and free to be changed.
    Release,
    Remove,
}

/// What is to be done about one connector.
#[derive(Debug, Serialize)]
pub struct Step {
    pub name: String,
    #[serde(flatten)]
    pub action: Action,
    #[serde(skip)]
    settings: Settings,
    #[serde(skip)]
    credentials: Option<Credentials>,
    #[serde(skip)]
    connector: Option<Connector>,
}

#[derive(Debug, Default)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// Of those whose credentials cannot be read.
    pub refused: Vec<ConfigError>,
}

/// What would have to be done. `keyring` is none where there is no key yet, and then no connector either.
///
/// # Errors
/// When the log cannot be read.
pub fn plan(
    store: &Store,
    keyring: Option<&Keyring>,
    declared: &[Declared],
    by: &By,
    now: UtcMs,
) -> Result<Plan, StoreError> {
    let held = store.connectors()?;
    let is = |connector: &Connector, name: &str| connector.name().to_lowercase() == name.to_lowercase();
    let mut plan = Plan::default();
    for one in declared {
        let connector = held.iter().find(|connector| is(connector, one.name()));
        match step(one, connector, keyring, by, now) {
            Ok(step) => plan.steps.push(step),
            Err(error) => plan.refused.push(error),
        }
    }
    for connector in held {
        if declared.iter().any(|one| is(&connector, one.name())) {
            continue;
        }
        let action = match by {
            By::Configuration(_) if connector.declared => Action::Release,
            By::Person { prune: true } if !connector.declared => Action::Remove,
            _ => continue,
        };
        let (name, settings) = (connector.name().to_owned(), connector.settings.clone());
        plan.steps.push(Step { name, action, settings, credentials: None, connector: Some(connector) });
    }
    Ok(plan)
}

fn step(
    one: &Declared,
    connector: Option<&Connector>,
    keyring: Option<&Keyring>,
    by: &By,
    now: UtcMs,
) -> Result<Step, ConfigError> {
    let name = one.name().to_owned();
    let given = one.credentials()?;
    let Some(connector) = connector else {
        let (settings, credentials) = (one.settings(now, false), Some(given));
        return Ok(Step { name, action: Action::Create, settings, credentials, connector: None });
    };
    let rests = matches!(by, By::Person { .. }) && connector.settings.paused;
    let settings = one.settings(connector.created_at, rests);
    let mut fields = changed(&connector.settings, &settings);
    let known = keyring.is_some_and(|keyring| connector.was_given(&given, keyring));
    if !known {
        fields.push("credentials");
    }
    if matches!(by, By::Configuration(_)) && !connector.declared {
        fields.push("declared");
    }
    let action = if fields.is_empty() { Action::Leave } else { Action::Change { fields } };
    let credentials = (!known).then_some(given);
    Ok(Step { name, action, settings, credentials, connector: Some(connector.clone()) })
}

/// Does it, and writes it into the audit trail.
///
/// # Errors
/// When it cannot be stored. What was done by then stays done, and the next plan goes on.
pub fn carry_out(
    store: &Store,
    keyring: &Keyring,
    steps: Vec<Step>,
    by: &By,
    now: UtcMs,
) -> Result<(), StoreError> {
    for step in steps {
        let (action, detail) = match &step.action {
            Action::Leave => continue,
            Action::Create => ("connector.create", String::new()),
            Action::Change { fields } => ("connector.update", fields.join(", ")),
            Action::Release => ("connector.update", "no longer declared".to_owned()),
            Action::Remove => ("connector.delete", "its entries are kept".to_owned()),
        };
        let connector = step.carry_out(store, keyring, by, now)?;
        let actor = match by {
            By::Configuration(_) => Actor::configuration_file(),
            By::Person { .. } => Actor::command_line(),
        };
        let entry = NewAudit::by(&actor, action, connector.name()).connector(Some(connector.id));
        store.audit(entry.detail(detail), now)?;
    }
    Ok(())
}

impl Step {
    fn carry_out(
        self,
        store: &Store,
        keyring: &Keyring,
        by: &By,
        now: UtcMs,
    ) -> Result<Connector, StoreError> {
        let file = match by {
            By::Configuration(file) => Some(file.as_path()),
            By::Person { .. } => None,
        };
        let Some(held) = self.connector else {
            let Some(credentials) = self.credentials else {
                return Err(StoreError::UnknownConnector { name: self.name, known: Vec::new() });
            };
            let new = NewConnector { settings: self.settings, created_at: now };
            let added = store.add_connector(new, credentials, keyring)?;
            return declare(store, &added, None, file);
        };
        match self.action {
            Action::Remove => {
                store.remove_connector(&self.name, false)?;
                return Ok(held);
            }
            Action::Release => {
                let settings = Settings { paused: true, ..held.settings.clone() };
                return store.declare_connector(&Connector { settings, ..held }, None, None);
            }
            Action::Create | Action::Change { .. } | Action::Leave => {}
        }
        let wanted = Connector { settings: self.settings, ..held.clone() };
        let changed = match (file, self.credentials) {
            (Some(_), credentials) => {
                declare(store, &wanted, credentials.as_ref().map(|credentials| (credentials, keyring)), file)?
            }
            (None, Some(credentials)) => store.replace_credentials(&wanted, credentials, keyring)?,
            (None, None) => store.update_connector(&wanted)?,
        };
        ask_for_earlier_history(store, &held, &changed, "a changed start", now)?;
        Ok(changed)
    }
}

fn declare(
    store: &Store,
    connector: &Connector,
    credentials: Option<(&Credentials, &Keyring)>,
    file: Option<&Path>,
) -> Result<Connector, StoreError> {
    match file {
        Some(_) => store.declare_connector(connector, credentials, file),
        None => Ok(connector.clone()),
    }
}

/// The settings that differ, by the names that people write.
#[must_use]
pub fn changed(old: &Settings, new: &Settings) -> Vec<&'static str> {
    let differs = [
        ("name", old.name != new.name),
        ("base_url", old.base_url != new.base_url),
        ("api_version", old.api_version != new.api_version),
        ("start", old.start != new.start),
        ("poll_interval", old.poll_interval_ms != new.poll_interval_ms),
        ("rate_limit", old.rate_limit != new.rate_limit),
        ("page_size", old.page_size != new.page_size),
        ("labels", old.labels != new.labels),
        ("retention", old.retention != new.retention),
        ("alert_budget", old.alert_budget != new.alert_budget),
        ("paused", old.paused != new.paused),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// A start that was moved back means that somebody wants what lies in between. Whether it was asked for.
///
/// # Errors
/// When the log cannot be used.
pub fn ask_for_earlier_history(
    store: &Store,
    old: &Connector,
    new: &Connector,
    requested_by: &str,
    now: UtcMs,
) -> Result<bool, StoreError> {
    let began = |connector: &Connector| match connector.settings.start {
        Start::All => None,
        Start::Now => Some(connector.created_at),
        Start::Since(at) => Some(at),
    };
    let (Some(former), from) = (began(old), began(new)) else { return Ok(false) };
    // What has not begun yet begins where it is told to.
    let is_begun = store.checkpoint(new.id, Stream::Content)?.since.is_some();
    if !is_begun || from.is_some_and(|from| from >= former) {
        return Ok(false);
    }
    let requested_by = requested_by.to_owned();
    store
        .request_backfill(new.id, NewBackfill { from, to: Some(former), requested_at: now, requested_by })?;
    Ok(true)
}
