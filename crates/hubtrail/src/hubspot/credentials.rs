//! What opens an account: an access token, or the means of a public app to get one.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

#[derive(Clone, Debug)]
pub enum Credentials {
    Token(SecretString),
    OAuth(OAuth),
}

/// A public app that a person has let into the account.
#[derive(Clone, Debug)]
pub struct OAuth {
    pub client_id: String,
    pub client_secret: SecretString,
    pub refresh_token: SecretString,
}

/// Where an app's refresh token is kept for everybody who uses it: HubSpot may give another in its place, and what
/// is not kept then is lost.
#[derive(Clone)]
pub struct Keep {
    keep: Arc<dyn Fn(&OAuth) + Send + Sync>,
    kept: Arc<dyn Fn() -> Option<OAuth> + Send + Sync>,
}

impl From<SecretString> for Credentials {
    fn from(token: SecretString) -> Self {
        Self::Token(token)
    }
}

impl From<OAuth> for Credentials {
    fn from(oauth: OAuth) -> Self {
        Self::OAuth(oauth)
    }
}

impl Keep {
    /// `keep` is called with what has changed before it is used, `kept` when HubSpot does not know ours any more.
    pub fn new(
        keep: impl Fn(&OAuth) + Send + Sync + 'static,
        kept: impl Fn() -> Option<OAuth> + Send + Sync + 'static,
    ) -> Self {
        Self { keep: Arc::new(keep), kept: Arc::new(kept) }
    }

    pub(super) fn keep(&self, oauth: &OAuth) {
        (self.keep)(oauth);
    }

    pub(super) fn kept(&self) -> Option<OAuth> {
        (self.kept)()
    }
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keep")
    }
}
