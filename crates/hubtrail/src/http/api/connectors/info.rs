//! A connector as it is shown. There is no field for a secret.

use serde::Serialize;
use utoipa::ToSchema;

use crate::connector::Connector;

/// A configured HubSpot account
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConnectorInfo {
    #[schema(minimum = 1)]
    id: i64,
    #[schema(example = "acme")]
    name: String,
    /// The key of its account in every event's id; it never changes.
    account: String,
    labels: Vec<String>,
    paused: bool,
    /// Removed, with its events kept.
    removed: bool,
    /// Declared in the configuration file, and changed only there.
    declared: bool,
    base_url: String,
    #[schema(example = "2026-09")]
    api_version: &'static str,
    /// How much history: `all`, `now`, or since a time.
    start: String,
    poll_interval_ms: i64,
    /// Percent of the account's burst and daily allowance, or `off`.
    #[schema(example = "50/10")]
    rate_limit: String,
    page_size: u32,
    /// How long its events are kept: `default` as those of the other accounts, `forever`, or days.
    #[schema(example = "400d")]
    retention: String,
    /// How many alerts in 30 days are wanted of it: `default` as of the other accounts, or a number.
    #[schema(example = "2")]
    alert_budget: String,
    /// What opens the account: `token` or `oauth`. It is never shown.
    credentials: &'static str,
    /// HubSpot's number of the account, once it was told.
    portal_id: Option<i64>,
    time_zone: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// Raised by every change.
    revision: i64,
}

impl ConnectorInfo {
    pub(super) fn of(connector: &Connector) -> Self {
        let settings = &connector.settings;
        Self {
            id: connector.id.0,
            name: settings.name.clone(),
            account: connector.account.0.clone(),
            labels: settings.labels.clone(),
            paused: settings.paused,
            removed: connector.removed,
            declared: connector.declared,
            base_url: settings.base_url.to_string(),
            api_version: settings.api_version.as_str(),
            start: settings.start.to_string(),
            poll_interval_ms: settings.poll_interval_ms,
            rate_limit: settings.rate_limit.to_string(),
            page_size: settings.page_size,
            retention: settings.retention.to_string(),
            alert_budget: settings.alert_budget.to_string(),
            credentials: if connector.sealed_oauth.is_some() { "oauth" } else { "token" },
            portal_id: connector.portal_id,
            time_zone: connector.time_zone.clone(),
            created_at: connector.created_at.to_string(),
            revision: connector.revision,
        }
    }
}
