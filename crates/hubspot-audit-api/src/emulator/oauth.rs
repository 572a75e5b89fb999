//! A public app that somebody has let into the emulated account, and the access tokens it was given.

use super::Config;
use crate::error::ApiError;
use crate::oauth::{Grant, Refresh, Rejected};

/// The app, as its developer knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    pub client_id: String,
    pub client_secret: String,
    pub refresh_token: String,
    /// How long an access token lives, by the account's clock.
    pub expires_in_s: u32,
    /// Whether each refresh gives another refresh token, and ends the one before.
    pub rotates: bool,
}

/// More access tokens than this are never in use.
const MOST_KEPT: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Grants {
    app: Option<App>,
    issued: Vec<(String, i64)>,
    refreshes: u64,
}

/// What the account says to a token that is presented to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Valid,
    ExpiredFor { seconds: i64 },
    Unknown,
}

impl Grants {
    pub(super) const fn new(app: Option<App>) -> Self {
        Self { app, issued: Vec::new(), refreshes: 0 }
    }

    pub(super) fn standing(&self, token: &str, now_ms: i64) -> Standing {
        match self.issued.iter().find(|(issued, _)| issued == token) {
            Some((_, until)) if now_ms < *until => Standing::Valid,
            Some((_, until)) => Standing::ExpiredFor { seconds: (now_ms - until) / 1_000 },
            None => Standing::Unknown,
        }
    }

    pub(super) fn refresh(
        &mut self,
        refresh: &Refresh,
        config: &Config,
        now_ms: i64,
    ) -> Result<Grant, ApiError> {
        let app = self.app.as_mut().ok_or(ApiError::NotFound)?;
        let rejected = [
            (refresh.client_id != app.client_id, Rejected::ClientId),
            (refresh.client_secret != app.client_secret, Rejected::ClientSecret),
            (refresh.refresh_token != app.refresh_token, Rejected::RefreshToken),
        ];
        if let Some((_, rejected)) = rejected.into_iter().find(|(rejected, _)| *rejected) {
            return Err(ApiError::NotGranted(rejected));
        }
        self.refreshes += 1;
        if app.rotates {
            app.refresh_token = format!("{}-r{}", config.token, self.refreshes);
        }
        if self.issued.len() == MOST_KEPT {
            self.issued.remove(0);
        }
        let access_token = format!("{}-a{}", config.token, self.refreshes);
        self.issued.push((access_token.clone(), now_ms + i64::from(app.expires_in_s) * 1_000));
        Ok(Grant {
            access_token,
            refresh_token: app.refresh_token.clone(),
            expires_in_s: app.expires_in_s,
            hub_id: config.account.portal_id,
            scopes: config.scopes.clone(),
        })
    }

    /// As when the app is uninstalled.
    pub(super) fn revoke(&mut self) {
        self.issued.clear();
        if let Some(app) = &mut self.app {
            app.refresh_token.clear();
        }
    }

    /// Ends the access tokens before their time.
    pub(super) fn forget_access(&mut self) {
        self.issued.clear();
    }

    pub(super) const fn refreshes(&self) -> u64 {
        self.refreshes
    }
}
