//! What opens an account: how it is read from a file, and how it is sealed. Nothing else of a connector is secret.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Connector, Invalid};
use crate::hubspot::{Credentials, OAuth};
use crate::secret::{Context, Keyring, Sealed, SecretError};

/// A token goes into an HTTP header as it is. Its form is HubSpot's business.
///
/// # Errors
/// When nothing of the kind can be a token. The text is not repeated.
pub fn token_from_text(text: &str) -> Result<SecretString, Invalid> {
    let refuse = |reason: &str| {
        let fix = "copy the service key or access token again, the token alone";
        Err(Invalid { field: "token", reason: reason.to_owned(), fix })
    };
    match text.trim() {
        "" => refuse("the token is empty"),
        token if token.chars().all(|c| c.is_ascii_graphic()) => Ok(SecretString::from(token)),
        _ => refuse("the token holds blanks or characters that no token has"),
    }
}

/// Reads `client_id`, `client_secret` and `refresh_token` from TOML.
///
/// # Errors
/// When one is missing or cannot be. The text is not repeated.
pub fn oauth_from_text(text: &str) -> Result<OAuth, Invalid> {
    let refused = || Invalid {
        field: "oauth",
        reason: "it does not hold the three texts of a public app".to_owned(),
        fix: "write client_id = \"…\", client_secret = \"…\" and refresh_token = \"…\", each on its line",
    };
    // What the parser says of an error repeats the line.
    let File { client_id, client_secret, refresh_token } = toml::from_str(text).map_err(|_| refused())?;
    let is_text = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
    if ![&*client_id, &*client_secret, &*refresh_token].into_iter().all(is_text) {
        return Err(refused());
    }
    Ok(OAuth {
        client_id,
        client_secret: SecretString::from(client_secret),
        refresh_token: SecretString::from(refresh_token),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    client_id: String,
    client_secret: Box<str>,
    refresh_token: Box<str>,
}

/// As it is sealed.
#[derive(Serialize)]
struct Form<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    refresh_token: &'a str,
    given: &'a str,
}

/// As it is opened: each text goes into its secret without a copy.
#[derive(Deserialize)]
struct Opened {
    client_id: String,
    client_secret: Box<str>,
    refresh_token: Box<str>,
    /// A digest of the refresh token that a person gave, which HubSpot may have replaced since.
    given: String,
}

impl Connector {
    /// Takes what a person gives; stored with the connector.
    pub(crate) fn put_sealed(
        &mut self,
        credentials: &Credentials,
        keyring: &Keyring,
    ) -> Result<(), SecretError> {
        match credentials {
            Credentials::Token(token) => {
                self.sealed_token = keyring.seal(self.context(Context::TOKEN), token)?;
                self.sealed_oauth = None;
            }
            Credentials::OAuth(oauth) => self.put_oauth(oauth, &digest(&oauth.refresh_token), keyring)?,
        }
        Ok(())
    }

    /// Takes what HubSpot gives in place of a refresh token.
    pub(crate) fn put_renewed(&mut self, oauth: &OAuth, keyring: &Keyring) -> Result<(), SecretError> {
        let given = self.opened(keyring)?.given;
        self.put_oauth(oauth, &given, keyring)
    }

    fn put_oauth(&mut self, oauth: &OAuth, given: &str, keyring: &Keyring) -> Result<(), SecretError> {
        let form = form(oauth, given);
        self.sealed_oauth = Some(keyring.seal(self.context(Context::OAUTH), &form)?);
        self.sealed_token = Sealed(Vec::new());
        Ok(())
    }

    /// # Errors
    /// When it was sealed under another key, or is damaged.
    pub fn credentials(&self, keyring: &Keyring) -> Result<Credentials, SecretError> {
        if self.sealed_oauth.is_none() {
            return keyring.unseal(self.context(Context::TOKEN), &self.sealed_token).map(Credentials::Token);
        }
        let Opened { client_id, client_secret, refresh_token, .. } = self.opened(keyring)?;
        let (client_secret, refresh_token) = (client_secret.into(), refresh_token.into());
        Ok(Credentials::OAuth(OAuth { client_id, client_secret, refresh_token }))
    }

    /// Whether these are what a person gave last, whatever HubSpot made of them since.
    #[must_use]
    pub fn was_given(&self, credentials: &Credentials, keyring: &Keyring) -> bool {
        match (credentials, self.credentials(keyring)) {
            (Credentials::Token(given), Ok(Credentials::Token(held))) => {
                given.expose_secret() == held.expose_secret()
            }
            (Credentials::OAuth(given), Ok(Credentials::OAuth(held))) => {
                given.client_id == held.client_id
                    && given.client_secret.expose_secret() == held.client_secret.expose_secret()
                    && self.opened(keyring).is_ok_and(|opened| opened.given == digest(&given.refresh_token))
            }
            _ => false,
        }
    }

    fn opened(&self, keyring: &Keyring) -> Result<Opened, SecretError> {
        let context = self.context(Context::OAUTH);
        let sealed = self.sealed_oauth.as_ref().ok_or_else(|| SecretError::damaged(context))?;
        let form = keyring.unseal(context, sealed)?;
        serde_json::from_str(form.expose_secret()).map_err(|_| SecretError::damaged(context))
    }

    fn context(&self, field: &'static str) -> Context<'_> {
        Context { account: &self.account, field }
    }
}

fn form(oauth: &OAuth, given: &str) -> SecretString {
    let form = Form {
        client_id: &oauth.client_id,
        client_secret: oauth.client_secret.expose_secret(),
        refresh_token: oauth.refresh_token.expose_secret(),
        given,
    };
    // Strings in a struct have no form that JSON lacks.
    SecretString::from(serde_json::to_string(&form).unwrap_or_default())
}

fn digest(secret: &SecretString) -> String {
    hex::encode(Sha256::digest(secret.expose_secret()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_token_are_cut_and_blanks_within_refused() {
        assert_eq!(token_from_text(" pat-na1-x\r\n").unwrap().expose_secret(), "pat-na1-x");
        for text in ["", " \n", "Bearer pat-na1-secret", "pat\u{0}-secret", "gehéim-secret"] {
            let error = token_from_text(text).unwrap_err();
            assert!(!error.to_string().contains("secret"), "the error repeats the token");
        }
    }

    #[test]
    fn an_app_is_three_texts_and_no_error_repeats_one() {
        let oauth =
            oauth_from_text("client_id = \"a\"\nclient_secret = \"x\\\"y\\\\\"\nrefresh_token = \"na1-r\"\n");
        let oauth = oauth.unwrap();
        assert_eq!(oauth.client_secret.expose_secret(), "x\"y\\");
        let opened: Opened = serde_json::from_str(form(&oauth, "g").expose_secret()).unwrap();
        assert_eq!(
            (&*opened.client_secret, &*opened.refresh_token, &*opened.given),
            ("x\"y\\", "na1-r", "g")
        );
        for text in [
            "",
            "client_id = \"a\"\nclient_secret = \"hunter2\"",
            "client_id = \"a\"\nclient_secret = \"hunter2\"\nrefresh_token = \"\"",
            "client_id = \"a\"\nclient_secret = \"hunter2\"\nrefresh_token = \"r\"\ntoken = \"hunter2\"",
            "client_secret = hunter2",
        ] {
            let error = oauth_from_text(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
