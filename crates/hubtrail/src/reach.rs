//! How a connector's account is reached: its settings, the network's, and its unsealed credentials, as the
//! client takes them. The only way from a stored connector to a client.

use std::sync::{Arc, Mutex, PoisonError};

use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use crate::config::Network;
use crate::connector::{Connector, Credentials, OAuth};
use crate::hubspot::{HubSpot, Keep, Options, ProxyServer, SetupError, Timeouts};
use crate::secret::{Keyring, Sealed, SecretError};
use crate::store::{Store, StoreError};

/// Why no call can be made. A person must change something.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Log(#[from] StoreError),
}

/// A refresh token that HubSpot replaces is stored before it is used.
///
/// # Errors
/// When the credentials cannot be unsealed.
pub fn options(
    store: &Store,
    connector: &Connector,
    network: &Network,
    keyring: &Keyring,
) -> Result<Options, SecretError> {
    let settings = &connector.settings;
    let proxy = network.proxy.clone().map(|url| ProxyServer { url, no_proxy: network.no_proxy.clone() });
    let zone = connector.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    Ok(Options {
        api_version: settings.api_version,
        timeouts: Timeouts { connect: network.connect_timeout, ..Timeouts::default() },
        proxy,
        extra_ca: network.extra_ca.clone(),
        rate_limit: settings.rate_limit,
        zone: zone.unwrap_or(TimeZone::UTC),
        keep: connector.sealed_oauth.clone().map(|sealed| keep(store, connector, keyring, sealed)),
        ..Options::new(settings.base_url.as_str(), connector.credentials(keyring)?)
    })
}

/// The client of a connector's account, with what was used of its calls today.
///
/// # Errors
/// When its settings cannot lead to any call.
pub fn hubspot(
    store: &Store,
    connector: &Connector,
    network: &Network,
    keyring: &Keyring,
    now: UtcMs,
) -> Result<HubSpot, ReachError> {
    let spent = store.spent(connector.id)?;
    let options = Options { spent, ..options(store, connector, network, keyring)? };
    Ok(HubSpot::new(&options, now)?)
}

fn keep(store: &Store, connector: &Connector, keyring: &Keyring, sealed: Sealed) -> Keep {
    let kept_in = (store.clone(), connector.id, keyring.clone());
    let (store, connector, keyring) = (store.clone(), connector.clone(), keyring.clone());
    let stored = Arc::new(Mutex::new(sealed));
    let seen = Arc::clone(&stored);
    let keep = move |oauth: &OAuth| {
        let mut stored = stored.lock().unwrap_or_else(PoisonError::into_inner);
        let mut renewed = connector.clone();
        let kept = renewed.put_renewed(oauth, &keyring).map_err(StoreError::from).and_then(|()| {
            let Some(new) = renewed.sealed_oauth else { return Ok(()) };
            store.keep_refresh_token(connector.id, stored.clone(), new.clone())?;
            *stored = new;
            Ok(())
        });
        if let Err(error) = kept {
            tracing::error!(
                connector = connector.name(),
                "the new refresh token is not stored, and is lost when this process ends: {error}"
            );
        }
    };
    let kept = move || {
        let (store, id, keyring) = &kept_in;
        let connector = store.connector_by_id(*id).ok()?;
        let Credentials::OAuth(oauth) = connector.credentials(keyring).ok()? else { return None };
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = connector.sealed_oauth?;
        Some(oauth)
    };
    Keep::new(keep, kept)
}
