//! What the protocol needs to know of the account behind it. The emulator answers from generated
//! history; an archive can answer from a store.

use std::future::Future;

use bytes::Bytes;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::directory::Person;
use crate::error::ApiError;
use crate::oauth::{Grant, Refresh};
use crate::page::{LinkForm, Page};
use crate::query::{ArrayForm, Query};
use crate::time;

/// A part of the API that scopes are granted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    Content,
    Account,
    Users,
    Owners,
}

impl Area {
    /// Any one of these opens it. None: every token may.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Content => &["content"],
            Self::Account => &[],
            Self::Users => &["settings.users.read", "crm.objects.users.read"],
            Self::Owners => &["crm.objects.owners.read"],
        }
    }
}

/// How this server writes what HubSpot does not document.
#[derive(Clone, Debug)]
pub struct Dialect {
    pub arrays: ArrayForm,
    pub links: LinkForm,
}

/// What HubSpot says of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenInfo {
    pub user_id: i64,
    pub hub_id: i64,
    pub app_id: i64,
    pub scopes: Vec<String>,
}

impl TokenInfo {
    pub(crate) fn body(&self) -> Bytes {
        let Self { user_id, hub_id, app_id, scopes } = self;
        json!({"userId": user_id, "hubId": hub_id, "appId": app_id, "scopes": scopes}).to_string().into()
    }
}

/// The facts of a HubSpot account.
#[derive(Clone, Debug)]
pub struct Account {
    pub portal_id: i64,
    /// `STANDARD`, `SANDBOX`, `DEVELOPER_TEST` or `APP_DEVELOPER`.
    pub account_type: String,
    /// An IANA name.
    pub time_zone: String,
    pub currency: String,
    /// `na1`, `eu1`, …
    pub data_hosting_location: String,
}

impl Account {
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    pub(crate) fn body(&self, now_ms: i64) -> Bytes {
        let offset_s = self.zone().to_offset(time::timestamp(now_ms)).seconds();
        let sign = if offset_s < 0 { '-' } else { '+' };
        let minutes = offset_s.abs() / 60;
        let body = json!({
            "portalId": self.portal_id,
            "accountType": self.account_type,
            "timeZone": self.time_zone,
            "companyCurrency": self.currency,
            "additionalCurrencies": [],
            "utcOffset": format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60),
            "utcOffsetMilliseconds": i64::from(offset_s) * 1000,
            "uiDomain": "app.hubspot.com",
            "dataHostingLocation": self.data_hosting_location,
        });
        body.to_string().into()
    }
}

/// How much of the daily allowance is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    pub limit: u64,
    pub used: u64,
    pub resets_ms: i64,
}

impl Usage {
    pub(crate) fn body(&self, now_ms: i64) -> Bytes {
        let result = json!({
            "name": "private-apps-api-calls-daily",
            "usageLimit": self.limit,
            "currentUsage": self.used,
            "collectedAt": time::iso(now_ms),
            "fetchStatus": "SUCCESS",
            "resetsAt": time::iso_short(self.resets_ms),
        });
        json!({ "results": [result] }).to_string().into()
    }
}

/// The account behind the protocol. What a backend does not have, it answers with 404.
pub trait Backend: Send + Sync + 'static {
    /// Who is asking, and what of the account they may see.
    type Caller: Send + Sync;

    fn dialect(&self) -> &Dialect;

    /// UTC milliseconds, for `Date` and for what depends on the time of day.
    fn now_ms(&self) -> i64;

    /// Must refuse a caller without one of the area's scopes.
    fn authorise(
        &self,
        bearer: Option<&str>,
        area: Area,
    ) -> impl Future<Output = Result<Self::Caller, ApiError>> + Send;

    /// The page must be in the order asked for and hold nothing that the filters exclude.
    fn records(
        &self,
        caller: &Self::Caller,
        query: Query,
    ) -> impl Future<Output = Result<Page, ApiError>> + Send;

    /// Begins to export the log to the recipients; what is wanted was checked.
    fn export(&self, _caller: &Self::Caller) -> impl Future<Output = Result<(), ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }

    fn token_info(&self, _token: &str) -> impl Future<Output = Result<TokenInfo, ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }

    fn refresh(&self, _refresh: &Refresh) -> impl Future<Output = Result<Grant, ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }

    fn account(&self, _caller: &Self::Caller) -> impl Future<Output = Result<Account, ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }

    fn usage(&self, _caller: &Self::Caller) -> impl Future<Output = Result<Usage, ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }

    /// Everyone who has, or had, access to the account.
    fn people(&self, _caller: &Self::Caller) -> impl Future<Output = Result<Vec<Person>, ApiError>> + Send {
        async { Err(ApiError::NotFound) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_that_of_the_time_of_year() {
        let account = Account {
            portal_id: 7,
            account_type: "STANDARD".into(),
            time_zone: "Etc/GMT+5".into(),
            currency: "USD".into(),
            data_hosting_location: "na1".into(),
        };
        let body: serde_json::Value = serde_json::from_slice(&account.body(0)).unwrap();
        let unknown = Account { time_zone: "Nowhere".into(), ..account };
        if TimeZone::get("Etc/GMT+5").is_ok() {
            assert_eq!(
                (&body["utcOffset"], &body["utcOffsetMilliseconds"]),
                (&json!("-05:00"), &json!(-18_000_000))
            );
        }
        let body: serde_json::Value = serde_json::from_slice(&unknown.body(0)).unwrap();
        assert_eq!(body["utcOffset"], "+00:00");
    }
}
