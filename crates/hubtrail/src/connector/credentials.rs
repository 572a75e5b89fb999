//! What opens an account, sealed: nothing else of a connector is secret.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Connector;
use crate::hubspot::{Credentials, OAuth};
use crate::secret::{Context, Keyring, Sealed, SecretError};

/// As it is sealed.
#[derive(Serialize)]
struct Form<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
}

/// As it is opened: each text goes into its secret without a copy.
#[derive(Deserialize)]
struct Opened {
    client_id: String,
    client_secret: Box<str>,
    refresh_token: Box<str>,
}

impl Connector {
    /// Replaces what opens the account, in memory.
    pub(crate) fn seal(&mut self, credentials: &Credentials, keyring: &Keyring) -> Result<(), SecretError> {
        let context = |field| Context { account: &self.account, field };
        let (token, oauth) = match credentials {
            Credentials::Token(token) => (keyring.seal(context(Context::TOKEN), token)?, None),
            Credentials::OAuth(oauth) => {
                (Sealed(Vec::new()), Some(keyring.seal(context(Context::OAUTH), &form(oauth))?))
            }
        };
        (self.sealed_token, self.sealed_oauth) = (token, oauth);
        Ok(())
    }

    /// # Errors
    /// When it was sealed under another key, or is damaged.
    pub fn credentials(&self, keyring: &Keyring) -> Result<Credentials, SecretError> {
        let context = |field| Context { account: &self.account, field };
        let Some(sealed) = &self.sealed_oauth else {
            return keyring.unseal(context(Context::TOKEN), &self.sealed_token).map(Credentials::Token);
        };
        let context = context(Context::OAUTH);
        let form = keyring.unseal(context, sealed)?;
        opened(form.expose_secret()).map(Credentials::OAuth).ok_or_else(|| SecretError::damaged(context))
    }
}

fn form(oauth: &OAuth) -> SecretString {
    let form = Form {
        client_id: &oauth.client_id,
        client_secret: oauth.client_secret.expose_secret(),
        refresh_token: oauth.refresh_token.expose_secret(),
    };
    // Strings in a struct have no form that JSON lacks.
    SecretString::from(serde_json::to_string(&form).unwrap_or_default())
}

fn opened(form: &str) -> Option<OAuth> {
    let Opened { client_id, client_secret, refresh_token } = serde_json::from_str(form).ok()?;
    Some(OAuth {
        client_id,
        client_secret: SecretString::from(client_secret),
        refresh_token: SecretString::from(refresh_token),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_reads_back_whatever_it_holds() {
        let oauth = OAuth {
            client_id: "7fff\u{e9}".to_owned(),
            client_secret: SecretString::from("a \"quoted\" \\ secret"),
            refresh_token: SecretString::from("na1-\n-refresh"),
        };
        let read = opened(form(&oauth).expose_secret()).unwrap();
        assert_eq!(read.client_id, oauth.client_id);
        assert_eq!(read.client_secret.expose_secret(), oauth.client_secret.expose_secret());
        assert_eq!(read.refresh_token.expose_secret(), oauth.refresh_token.expose_secret());
        assert!(opened(r#"{"client_id":"x"}"#).is_none());
        assert!(!format!("{oauth:?}").contains("quoted"));
    }
}
