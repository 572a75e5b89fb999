//! What HubSpot says of the token and the account. All of it is welcome and none of it needed: a
//! token without the scope for one of these still reads the audit log.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;
use jiff::tz::{Offset, TimeZone};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client::HubSpot;
use super::error::{ApiError, Nonsense, Said};
use super::limits::Watch;
use super::refusal;
use super::transport::Reply;

const TOKEN_INFO: &str = "/oauth/v2/private-apps/get/access-token-info";
/// The older path first, like the pages.
const DETAILS: [&str; 2] = ["/account-info/v3/details", "/account-info/2026-03/details"];
const DAILY_USAGE: [&str; 2] =
    ["/account-info/v3/api-usage/daily/private-apps", "/account-info/2026-03/api-usage/daily/private-apps"];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all(deserialize = "camelCase"))]
pub struct TokenInfo {
    pub hub_id: Option<u64>,
    pub user_id: Option<u64>,
    pub app_id: Option<u64>,
    pub scopes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all(deserialize = "camelCase"))]
pub struct Account {
    pub portal_id: Option<u64>,
    pub account_type: Option<String>,
    /// A name of the time zone database, such as `US/Eastern`.
    pub time_zone: Option<String>,
    pub utc_offset_milliseconds: Option<i64>,
    /// The host of the account's pages in HubSpot's application.
    pub ui_domain: Option<String>,
    pub data_hosting_location: Option<String>,
}

impl Account {
    /// The zone by its name, or by its offset of today where this machine does not know the name.
    #[must_use]
    pub fn zone(&self) -> Option<TimeZone> {
        let named = self.time_zone.as_ref().and_then(|name| TimeZone::get(name).ok());
        named.or_else(|| {
            let seconds = i32::try_from(self.utc_offset_milliseconds? / 1_000).ok()?;
            Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
        })
    }
}

/// What all private apps of the account have used of its daily limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all(deserialize = "camelCase"))]
pub struct DailyUsage {
    pub usage_limit: Option<u64>,
    pub current_usage: Option<u64>,
    pub resets_at: Option<String>,
}

#[derive(Deserialize)]
struct Results<T> {
    results: Vec<T>,
}

impl HubSpot {
    /// The account and the scopes of the token. None where HubSpot does not tell.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn token_info(&self, now: UtcMs) -> Result<Option<TokenInfo>, ApiError> {
        let access = self.transport().access(now).await?;
        if access.info.is_some() {
            return Ok(access.info.clone());
        }
        // Accounts outside North America want the token in the header too.
        let body = json!({ "tokenKey": access.token().expose_secret() }).to_string();
        optional(self.read(self.transport().post(TOKEN_INFO, body), now).await)
    }

    /// # Errors
    /// See [`ApiError`].
    pub async fn account(&self, now: UtcMs) -> Result<Option<Account>, ApiError> {
        self.read_first(DETAILS, now).await
    }

    /// # Errors
    /// See [`ApiError`].
    pub async fn daily_usage(&self, now: UtcMs) -> Result<Option<DailyUsage>, ApiError> {
        let results: Option<Results<DailyUsage>> = self.read_first(DAILY_USAGE, now).await?;
        Ok(results.and_then(|results| results.results.into_iter().next()))
    }

    async fn read_first<T: DeserializeOwned>(
        &self,
        [older, newer]: [&str; 2],
        now: UtcMs,
    ) -> Result<Option<T>, ApiError> {
        match self.read(self.transport().get(older, ""), now).await {
            Err(ApiError::VersionGone { .. }) => {
                optional(self.read(self.transport().get(newer, ""), now).await)
            }
            other => optional(other),
        }
    }

    async fn read<T: DeserializeOwned>(&self, request: RequestBuilder, now: UtcMs) -> Result<T, ApiError> {
        from_json(&self.call(request, WalkKind::Tail, Watch::start(now)).await?)
    }
}

/// What serde says of a body may repeat a piece of it, so only the place is told.
pub(super) fn from_json<T: DeserializeOwned>(reply: &Reply) -> Result<T, ApiError> {
    serde_json::from_slice(&reply.body).map_err(|error| ApiError::Malformed {
        form: if error.is_eof() { Nonsense::CutOff } else { Nonsense::Other },
        what: format!("unexpected JSON at line {}, column {}", error.line(), error.column()),
        said: refusal::said(reply.status, &reply.headers, "", None),
    })
}

/// What a token may not ask, or an account does not have, is none and no error.
pub(super) fn optional<T>(read: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(
            ApiError::Scope { .. }
            | ApiError::Plan { .. }
            | ApiError::VersionGone { .. }
            | ApiError::Refused { said: Said { status: 403 | 405, .. }, .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests;
