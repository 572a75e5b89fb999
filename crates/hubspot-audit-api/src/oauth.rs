//! The token endpoint of a public app: a refresh token against an access token that lives for minutes.

use bytes::Bytes;
use serde_json::json;

use crate::error::ApiError;
use crate::query::Pairs;

/// What a client sends, form-encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    pub client_id: String,
    pub client_secret: String,
    pub refresh_token: String,
}

/// What it gets for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub access_token: String,
    /// Another than was sent, where the server rotates it.
    pub refresh_token: String,
    pub expires_in_s: u32,
    pub hub_id: i64,
    pub scopes: Vec<String>,
}

/// Which part of what was sent is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejected {
    ClientId,
    ClientSecret,
    RefreshToken,
    GrantType,
}

impl Refresh {
    pub(crate) fn parse(form: &Bytes) -> Result<Self, ApiError> {
        let form = String::from_utf8_lossy(form);
        let pairs = Pairs::decode(&form);
        if pairs.last("grant_type") != Some("refresh_token") {
            return Err(ApiError::NotGranted(Rejected::GrantType));
        }
        let field = |name| pairs.last(name).unwrap_or_default().to_owned();
        Ok(Self {
            client_id: field("client_id"),
            client_secret: field("client_secret"),
            refresh_token: field("refresh_token"),
        })
    }
}

impl Grant {
    pub(crate) fn body(&self) -> Bytes {
        let body = json!({
            "token_type": "bearer",
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_in": self.expires_in_s,
            "hub_id": self.hub_id,
            "scopes": self.scopes,
        });
        body.to_string().into()
    }
}

impl Rejected {
    /// The code of OAuth, HubSpot's own, and a sentence.
    pub(crate) const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ClientId => ("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id"),
            Self::ClientSecret => ("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret"),
            Self::RefreshToken => {
                ("invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
            }
            Self::GrantType => ("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type"),
        }
    }
}
