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

/// Called with what HubSpot gives in place of a refresh token, before it is used: what is not kept then is lost.
#[derive(Clone)]
pub struct Keep(Arc<dyn Fn(&OAuth) + Send + Sync>);

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
    pub fn new(keep: impl Fn(&OAuth) + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }

    pub(super) fn keep(&self, oauth: &OAuth) {
        (self.0)(oauth);
    }
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keep")
    }
}
