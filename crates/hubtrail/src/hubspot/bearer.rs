//! What a call is authorised with: a token as it was given, or the access token of a public app, which is
//! exchanged for another before it expires. All walks share it, and one exchange serves them all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hubtrail_core::time::UtcMs;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};

use super::credentials::{Credentials, Keep, OAuth};
use super::error::{ApiError, CredentialFault};
use super::introspect::TokenInfo;
use super::oauth::{self, Grant};
use super::options::{Options, SetupError};
use super::transport::Transport;

/// A call may wait for its turn, and travel, for so long.
const MARGIN_MS: i64 = 120_000;

/// A token and its header.
pub(super) struct Access {
    pub(super) header: HeaderValue,
    token: SecretString,
    /// None: it does not expire.
    stale_at: Option<UtcMs>,
    /// What came with it.
    pub(super) info: Option<TokenInfo>,
}

pub(super) struct Bearer {
    access: Mutex<Option<Arc<Access>>>,
    app: Option<App>,
}

struct App {
    /// Held during an exchange: whoever comes meanwhile takes what it brings.
    oauth: tokio::sync::Mutex<OAuth>,
    keep: Option<Keep>,
    /// The same as in `oauth`, for finding them in what HubSpot sends.
    secrets: Mutex<[SecretString; 2]>,
}

impl Bearer {
    pub(super) fn new(options: &Options) -> Result<Self, SetupError> {
        match &options.credentials {
            Credentials::Token(token) => {
                let access = Access::new(token.clone(), None, None)?;
                Ok(Self { access: Mutex::new(Some(Arc::new(access))), app: None })
            }
            Credentials::OAuth(oauth) => {
                let secrets = Mutex::new([oauth.client_secret.clone(), oauth.refresh_token.clone()]);
                let (oauth, keep) = (tokio::sync::Mutex::new(oauth.clone()), options.keep.clone());
                Ok(Self { access: Mutex::default(), app: Some(App { oauth, keep, secrets }) })
            }
        }
    }

    /// What to send now.
    pub(super) async fn access(&self, transport: &Transport, now: UtcMs) -> Result<Arc<Access>, ApiError> {
        let current = held(&self.access).clone();
        match current {
            Some(access) if access.stale_at.is_none_or(|stale_at| now < stale_at) => Ok(access),
            stale => self.exchange(transport, stale, now).await,
        }
    }

    /// What to send after HubSpot has refused this one; none when there is no other.
    pub(super) async fn after_refusal(
        &self,
        transport: &Transport,
        refused: Arc<Access>,
        now: UtcMs,
    ) -> Result<Option<Arc<Access>>, ApiError> {
        match &self.app {
            None => Ok(None),
            Some(_) => self.exchange(transport, Some(refused), now).await.map(Some),
        }
    }

    async fn exchange(
        &self,
        transport: &Transport,
        stale: Option<Arc<Access>>,
        now: UtcMs,
    ) -> Result<Arc<Access>, ApiError> {
        let Some(app) = &self.app else {
            // A token that does not expire is never stale, and never missing.
            return stale.ok_or_else(|| ApiError::malformed("no token"));
        };
        let mut oauth = app.oauth.lock().await;
        let current = held(&self.access).clone();
        if let Some(other) =
            current.filter(|current| !stale.is_some_and(|stale| Arc::ptr_eq(current, &stale)))
        {
            return Ok(other);
        }
        let Grant { access_token, refresh_token, expires_in_ms, info } =
            match oauth::refresh(transport, &oauth, now).await {
                Err(error) => {
                    // Somebody else who uses the app may have been given another one meanwhile.
                    let other = app.kept_instead(&error, &oauth).ok_or(error)?;
                    app.remember(&mut oauth, other);
                    oauth::refresh(transport, &oauth, now).await?
                }
                granted => granted?,
            };
        if let Some(refresh_token) = refresh_token
            && refresh_token.expose_secret() != oauth.refresh_token.expose_secret()
        {
            let renewed = OAuth { refresh_token, ..oauth.clone() };
            app.remember(&mut oauth, renewed);
            if let Some(keep) = &app.keep {
                keep.keep(&oauth);
            }
        }
        let stale_at = now.plus((expires_in_ms - MARGIN_MS).max(expires_in_ms / 2));
        let access = Access::new(access_token, Some(stale_at), Some(info))
            .map_err(|_| ApiError::malformed("an access token with characters that no token has"))?;
        let access = Arc::new(access);
        *held(&self.access) = Some(Arc::clone(&access));
        Ok(access)
    }

    /// Whatever HubSpot sent, without a secret in it.
    pub(super) fn redacted(&self, text: &str) -> String {
        // Whoever shows the text leaves these out: they must not part a secret before.
        let mut text = text.replace(|c: char| c.is_control() && !c.is_whitespace(), "");
        if let Some(access) = &*held(&self.access) {
            text = text.replace(access.token.expose_secret(), "[token]");
        }
        for secret in self.app.iter().flat_map(|app| held(&app.secrets).clone()) {
            if !secret.expose_secret().is_empty() {
                text = text.replace(secret.expose_secret(), "[secret]");
            }
        }
        text
    }
}

impl App {
    fn kept_instead(&self, error: &ApiError, ours: &OAuth) -> Option<OAuth> {
        let refused = matches!(error, ApiError::Credentials { fault: CredentialFault::RefreshToken, .. });
        let kept = self.keep.as_ref().filter(|_| refused)?.kept()?;
        (kept.refresh_token.expose_secret() != ours.refresh_token.expose_secret()).then_some(kept)
    }

    fn remember(&self, ours: &mut OAuth, other: OAuth) {
        *held(&self.secrets) = [other.client_secret.clone(), other.refresh_token.clone()];
        *ours = other;
    }
}

impl Access {
    fn new(
        token: SecretString,
        stale_at: Option<UtcMs>,
        info: Option<TokenInfo>,
    ) -> Result<Self, SetupError> {
        Ok(Self { header: header(&token)?, token, stale_at, info })
    }

    pub(super) const fn token(&self) -> &SecretString {
        &self.token
    }
}

pub(super) fn header(token: &SecretString) -> Result<HeaderValue, SetupError> {
    let token = token.expose_secret();
    let refused = |reason| SetupError::Token { reason };
    if token.is_empty() {
        return Err(refused("is empty"));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused("holds characters that no token has"));
    }
    let bearer = format!("Bearer {token}");
    let mut bearer =
        HeaderValue::from_str(&bearer).map_err(|_| refused("holds characters that no token has"))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

/// No code that holds one can panic half-way through a change, so poison means nothing.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_cannot_be_one_is_refused_and_none_is_ever_shown() {
        for bad in ["", "pat na1", "pat-na1\n", "pät"] {
            assert!(header(&SecretString::from(bad)).is_err(), "{bad:?}");
        }
        let token = SecretString::from("pat-na1-secret");
        let header = header(&token).unwrap();
        let shown = format!("{:?} {header:?}", Options::new("https://api.hubapi.com", token));
        assert!(!shown.contains("pat-na1"), "{shown}");
    }
}
