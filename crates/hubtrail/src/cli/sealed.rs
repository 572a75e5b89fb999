//! Whether the key opens what is sealed for sinks and alert channels, as it does a connector's token.

use super::check::Check;
use crate::notify::Channel;
use crate::secret::{Keyring, SecretError};
use crate::sink::Configured;
use crate::store::{Store, StoreError};

/// Whether any key will do: there is nobody whose secrets another one could not open.
pub(super) fn nothing(store: &Store) -> Result<bool, StoreError> {
    Ok(store.connectors()?.is_empty() && store.sinks()?.is_empty() && store.channels()?.is_empty())
}

/// One check for each sink and channel that has a secret.
pub(super) fn checks(store: &Store, keyring: &anyhow::Result<Keyring>) -> Result<Vec<Check>, StoreError> {
    let sinks = store.sinks()?;
    let channels = store.channels()?;
    let of_sinks = sinks.iter().filter(|sink| sink.has_credentials()).map(|sink| of_sink(sink, keyring));
    let of_channels =
        channels.iter().filter(|channel| channel.has_secret()).map(|channel| of_channel(channel, keyring));
    Ok(of_sinks.chain(of_channels).collect())
}

fn of_sink(sink: &Configured, keyring: &anyhow::Result<Keyring>) -> Check {
    let what = format!("key of sink {}", sink.name());
    match opened(keyring, |keyring| sink.credentials(keyring).map(drop)) {
        Ok(()) => Check::ok(what, "opens its credentials"),
        Err(reason) if sink.declared => Check::fail(
            what,
            reason,
            "restore the key, or start the service: its declaration gives them again",
        ),
        Err(reason) => {
            let fix = format!(
                "restore the key, or give them again: `hubtrail sink edit {}` with --token-file, --password-file, \
                 --signing-secret-file or --client-key-file",
                sink.name()
            );
            Check::fail(what, reason, fix)
        }
    }
}

fn of_channel(channel: &Channel, keyring: &anyhow::Result<Keyring>) -> Check {
    let what = format!("key of alert channel {}", channel.name());
    match opened(keyring, |keyring| channel.secret(keyring).map(drop)) {
        Ok(()) => Check::ok(what, "opens its secret"),
        Err(reason) => {
            let fix = "restore the key, or give the secret again in the console under Alerts";
            Check::fail(what, reason, fix)
        }
    }
}

fn opened(
    keyring: &anyhow::Result<Keyring>,
    open: impl FnOnce(&Keyring) -> Result<(), SecretError>,
) -> Result<(), String> {
    let keyring = keyring.as_ref().map_err(|error| format!("{error:#}"))?;
    open(keyring).map_err(|error| match error {
        // The check's own name says whose it is.
        SecretError::OtherKey { sealed_under, ours, .. } => {
            format!("sealed under another key ({sealed_under}, this one is {ours})")
        }
        SecretError::Damaged { .. } => "damaged, or sealed for somebody else".to_owned(),
        other => other.to_string(),
    })
}
