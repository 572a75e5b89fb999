//! What opens a receiver. It is given, sealed and used, and never shown.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which of these a sink needs follows from how it authenticates.
#[derive(Clone, Default)]
pub struct Credentials {
    /// Basic authentication; the user's name is a setting.
    pub password: Option<SecretString>,
    /// A bearer token, Splunk's HEC token, Elasticsearch's API key, or the value of a shared secret's header.
    pub token: Option<SecretString>,
    /// What bodies are signed with.
    pub signing_secret: Option<SecretString>,
    /// PEM of the client certificate's key.
    pub client_key: Option<SecretString>,
}

/// What opens the receiver. It is never shown again
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewCredentials {
    #[schema(value_type = Option<String>, write_only, format = Password)]
    pub password: Option<SecretString>,
    /// A bearer token, Splunk's HEC token, Elasticsearch's API key, or the value of the shared secret's header.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    pub token: Option<SecretString>,
    /// What bodies are signed with; for Standard Webhooks it begins with `whsec_`.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    pub signing_secret: Option<SecretString>,
    /// PEM of the client certificate's key.
    #[schema(value_type = Option<String>, write_only, format = Password)]
    pub client_key: Option<SecretString>,
}

impl From<NewCredentials> for Credentials {
    fn from(new: NewCredentials) -> Self {
        let given =
            |secret: Option<SecretString>| secret.filter(|secret| !secret.expose_secret().trim().is_empty());
        let trimmed = |secret| given(secret).map(|secret| SecretString::from(secret.expose_secret().trim()));
        Self {
            password: given(new.password),
            token: trimmed(new.token),
            signing_secret: trimmed(new.signing_secret),
            client_key: given(new.client_key),
        }
    }
}

/// As they are sealed.
#[derive(Serialize)]
struct Form<'a> {
    password: Option<&'a str>,
    token: Option<&'a str>,
    signing_secret: Option<&'a str>,
    client_key: Option<&'a str>,
}

/// As they are opened: each text goes into its secret without a copy.
#[derive(Deserialize)]
struct Opened {
    password: Option<Box<str>>,
    token: Option<Box<str>>,
    signing_secret: Option<Box<str>>,
    client_key: Option<Box<str>>,
}

impl Credentials {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.password.is_none()
            && self.token.is_none()
            && self.signing_secret.is_none()
            && self.client_key.is_none()
    }

    /// What is new, and what was there where nothing new is.
    #[must_use]
    pub fn or(self, held: Self) -> Self {
        Self {
            password: self.password.or(held.password),
            token: self.token.or(held.token),
            signing_secret: self.signing_secret.or(held.signing_secret),
            client_key: self.client_key.or(held.client_key),
        }
    }

    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        let texts = |credentials: &Self| credentials.each().map(|secret| secret.map(str::to_owned));
        texts(self) == texts(other)
    }

    /// The text without any of them in it, whatever a receiver repeats.
    #[must_use]
    pub fn redacted(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.each().into_iter().flatten().filter(|secret| !secret.is_empty()) {
            if text.contains(secret) {
                text = text.replace(secret, "***");
            }
        }
        text
    }

    /// None: there is nothing to seal.
    pub(super) fn form(&self) -> Option<SecretString> {
        if self.is_empty() {
            return None;
        }
        let [password, token, signing_secret, client_key] = self.each();
        let form = Form { password, token, signing_secret, client_key };
        // Strings in a struct have no form that JSON lacks.
        Some(SecretString::from(serde_json::to_string(&form).unwrap_or_default()))
    }

    pub(super) fn opened(form: &SecretString) -> Option<Self> {
        let opened: Opened = serde_json::from_str(form.expose_secret()).ok()?;
        Some(Self {
            password: opened.password.map(SecretString::from),
            token: opened.token.map(SecretString::from),
            signing_secret: opened.signing_secret.map(SecretString::from),
            client_key: opened.client_key.map(SecretString::from),
        })
    }

    fn each(&self) -> [Option<&str>; 4] {
        [&self.password, &self.token, &self.signing_secret, &self.client_key]
            .map(|secret| secret.as_ref().map(|secret| secret.expose_secret()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_reads_back_and_nothing_seals_nothing() {
        let credentials = Credentials {
            token: Some(SecretString::from("t \"\\ü")),
            client_key: Some(SecretString::from("-----BEGIN\n")),
            ..Credentials::default()
        };
        let opened = Credentials::opened(&credentials.form().unwrap()).unwrap();
        assert!(opened.same_as(&credentials) && !opened.same_as(&Credentials::default()));
        assert!(Credentials::default().form().is_none());
    }

    #[test]
    fn what_a_receiver_repeats_is_blotted_out() {
        let new = NewCredentials {
            token: Some(SecretString::from(" hunter2\n")),
            password: Some(SecretString::from("")),
            ..NewCredentials::default()
        };
        let credentials = Credentials::from(new);
        assert!(credentials.password.is_none());
        assert_eq!(credentials.redacted("no token hunter2 here"), "no token *** here");
    }
}
