//! How a connector's account is reached: its settings, the network's, and its unsealed credentials, as the
//! client takes them. The only way from a stored connector to a client.

use jiff::tz::TimeZone;

use crate::config::Network;
use crate::connector::{Connector, Credentials};
use crate::hubspot::{HubSpot, Options, ProxyServer, SetupError, Timeouts};
use crate::secret::{Context, Keyring, SecretError};
use crate::store::{Store, StoreError};
use hubtrail_core::time::UtcMs;

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

/// # Errors
/// When the credentials cannot be unsealed.
pub fn options(connector: &Connector, network: &Network, keyring: &Keyring) -> Result<Options, SecretError> {
    let Credentials::Token(token) = connector.credentials(keyring)? else {
        return Err(SecretError::damaged(Context { account: &connector.account, field: Context::OAUTH }));
    };
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
        ..Options::new(settings.base_url.as_str(), token)
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
    let options = Options { spent: store.spent(connector.id)?, ..options(connector, network, keyring)? };
    Ok(HubSpot::new(&options, now)?)
}
