//! At the start: the connectors and sinks that the configuration file declares, brought into the log.

use std::path::PathBuf;

use crate::config::Config;
use crate::declared::{Action, By, carry_out, declare_sinks, plan};
use crate::http::App;
use crate::store::StoreError;

/// Who declares: the configuration file, also one that is no longer there.
#[must_use]
pub fn declaring(config: &Config) -> By {
    By::Configuration(file(config))
}

fn file(config: &Config) -> PathBuf {
    config.file.clone().unwrap_or_else(|| PathBuf::from("hubtrail.toml"))
}

/// What is declared and cannot be read is told, and does not keep the others from their work.
///
/// # Errors
/// When the log cannot be used.
pub fn declare(app: &App) -> Result<(), StoreError> {
    let by = declaring(&app.config);
    let now = app.clock.now();
    let planned = plan(&app.store, Some(&app.keyring), &app.config.connectors, &by, now)?;
    for error in &planned.refused {
        tracing::error!(fix = error.fix(), "{error}");
    }
    for step in &planned.steps {
        let connector = step.name.as_str();
        match &step.action {
            Action::Leave => {}
            Action::Release => {
                tracing::warn!(connector, "the configuration declares it no more: it is paused, and kept");
            }
            Action::Create => tracing::info!(connector, "added as declared"),
            Action::Change { fields } => {
                tracing::info!(connector, fields = fields.join(", "), "changed as declared")
            }
            Action::Remove => tracing::info!(connector, "removed"),
        }
    }
    carry_out(&app.store, &app.keyring, planned.steps, &by, now)?;
    // A sink may name connectors that were only just added.
    let refused = declare_sinks(&app.store, &app.keyring, &app.config.sinks, &file(&app.config), now)?;
    for error in refused {
        tracing::error!("{error}");
    }
    Ok(())
}
