//! `[[connector]]`: an account that is declared in a file, for people who keep their set-up in git. The file
//! says where its token is; the token itself is read when it is needed, and is not in the file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hubtrail_core::time::UtcMs;
use secrecy::SecretString;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zeroize::Zeroizing;

use super::error::{ConfigError, Place};
use super::file::{line_and_column, scalar};
use super::setting::meant;
use super::{beside, variable};
use crate::connector::{
    Credentials, HUBSPOT, Invalid, Settings, Start, WrittenStart, oauth_from_text, token_from_text,
};
use crate::moment::length_ms;

pub(super) const KEYS: &[&str] = &[
    "name",
    "token_file",
    "token_env",
    "oauth_file",
    "base_url",
    "api_version",
    "start",
    "poll_interval",
    "rate_limit",
    "page_size",
    "labels",
    "retention",
    "alert_budget",
    "paused",
];

/// One `[[connector]]`.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its start and its pause may depend on the connector as it is.
    settings: Settings,
    start: WrittenStart,
    paused: Option<bool>,
    credentials: CredentialsFrom,
    place: Place,
}

#[derive(Clone, Debug)]
enum CredentialsFrom {
    TokenFile(PathBuf),
    Variable(String),
    OAuthFile(PathBuf),
}

impl Declared {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What it is to be, for one that was made then and is paused or not.
    #[must_use]
    pub fn settings(&self, created_at: UtcMs, paused: bool) -> Settings {
        let start: Start = self.start.pinned(created_at);
        Settings { start, paused: self.paused.unwrap_or(paused), ..self.settings.clone() }
    }

    /// # Errors
    /// When what opens the account cannot be read. The error names its place and holds nothing of it.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).map(Zeroizing::new);
            text.map_err(|source| ConfigError::Credentials {
                place: self.place.clone(),
                reason: format!("read {}: {source}", path.display()),
                fix: "name a file that this user may read".to_owned(),
            })
        };
        let named = |what: String| {
            move |Invalid { reason, fix, .. }: Invalid| ConfigError::Credentials {
                place: self.place.clone(),
                reason: format!("{what}: {reason}"),
                fix: fix.to_owned(),
            }
        };
        match &self.credentials {
            CredentialsFrom::TokenFile(path) => {
                let token = token_from_text(&read(path)?).map_err(named(path.display().to_string()))?;
                Ok(token.into())
            }
            CredentialsFrom::OAuthFile(path) => {
                let oauth = oauth_from_text(&read(path)?).map_err(named(path.display().to_string()))?;
                Ok(oauth.into())
            }
            CredentialsFrom::Variable(name) => {
                let text: Option<SecretString> = variable(name);
                let text = text.ok_or_else(|| ConfigError::Credentials {
                    place: self.place.clone(),
                    reason: format!("the environment variable {name} is not set"),
                    fix: "set it for this process, or use token_file".to_owned(),
                })?;
                let token = token_from_text(secrecy::ExposeSecret::expose_secret(&text));
                Ok(token.map_err(named(format!("environment variable {name}")))?.into())
            }
        }
    }
}

/// # Errors
/// At the first key that is unknown or has an impossible value, naming its place.
pub(super) fn read(
    path: &Path,
    text: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<Declared>, ConfigError> {
    let at = |offset: usize| {
        let (line, column) = line_and_column(text, offset);
        Place::File { path: path.to_owned(), line, column }
    };
    let not_a_list = |offset| ConfigError::BadValue {
        place: at(offset),
        setting: "connector".to_owned(),
        reason: "is not a list of connectors".to_owned(),
        fix: "write each under a line [[connector]], with both brackets twice".to_owned(),
    };
    let items = value.get_ref().as_array().ok_or_else(|| not_a_list(value.span().start))?;
    let mut all: Vec<Declared> = Vec::new();
    for item in items {
        let start = item.span().start;
        let table = item.get_ref().as_table().ok_or_else(|| not_a_list(start))?;
        let declared = Draft { path, at: &at, place: at(start), places: BTreeMap::new() }.read(table)?;
        let twice = |other: &&Declared| other.name().to_lowercase() == declared.name().to_lowercase();
        if let Some(other) = all.iter().find(twice) {
            return Err(ConfigError::BadValue {
                place: declared.place.clone(),
                setting: format!("connector `{}`", declared.name()),
                reason: format!("is declared at {} already", other.place),
                fix: "give each a name of its own".to_owned(),
            });
        }
        all.push(declared);
    }
    Ok(all)
}

struct Draft<'a> {
    path: &'a Path,
    at: &'a dyn Fn(usize) -> Place,
    place: Place,
    places: BTreeMap<String, Place>,
}

impl Draft<'_> {
    fn read(mut self, table: &DeTable<'_>) -> Result<Declared, ConfigError> {
        let mut values = BTreeMap::new();
        let mut labels = Vec::new();
        for (key, value) in table {
            let (name, place) = (key.get_ref().to_string(), (self.at)(key.span().start));
            if !KEYS.contains(&name.as_str()) {
                let fix = meant(&name, KEYS.iter().copied(), "the keys of [[connector]] are");
                return Err(ConfigError::Unknown {
                    place,
                    what: format!("key `{name}` in [[connector]]"),
                    fix,
                });
            }
            self.places.insert(name.clone(), place);
            if name == "labels" {
                labels = self.labels(value)?;
            } else {
                let fix = "write a string in quotes, a number, true or false";
                let text = scalar(value).ok_or_else(|| self.bad(&name, "is not a plain value", fix))?;
                values.insert(name, text);
            }
        }
        self.judge(&values, labels)
    }

    fn labels(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, ConfigError> {
        let items = value.get_ref().as_array().into_iter().flatten();
        let texts: Option<Vec<_>> = items.map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
        let is_list = value.get_ref().as_array().is_some();
        let fix = "write it as [\"emea\", \"shop\"]";
        texts.filter(|_| is_list).ok_or_else(|| self.bad("labels", "is not a list of strings", fix))
    }

    fn judge(&self, values: &BTreeMap<String, String>, labels: Vec<String>) -> Result<Declared, ConfigError> {
        let text = |key: &str| values.get(key).map(String::as_str);
        let Some(name) = text("name") else {
            return Err(self.bad("name", "is missing", "give each [[connector]] a name"));
        };
        let invalid = |error: Invalid| self.bad(error.field, &error.reason, error.fix);
        let mut settings = Settings::new(name, text("base_url").unwrap_or(HUBSPOT)).map_err(invalid)?;
        self.take(text("api_version"), "api_version", "write v3, 2025-09, 2026-03 or 2026-09", |text| {
            settings.api_version = text.parse().ok()?;
            Some(())
        })?;
        self.take(text("poll_interval"), "poll_interval", "write it as 10s", |text| {
            settings.poll_interval_ms = length_ms(text).ok()?;
            Some(())
        })?;
        self.take(
            text("rate_limit"),
            "rate_limit",
            "write it as 50/10, or off towards this machine",
            |text| {
                settings.rate_limit = text.parse().ok()?;
                Some(())
            },
        )?;
        self.take(text("page_size"), "page_size", "write a number from 1 to 1000", |text| {
            settings.page_size = text.parse().ok()?;
            Some(())
        })?;
        self.take(text("retention"), "retention", "write default, forever, or days such as 400d", |text| {
            settings.retention = text.parse().ok()?;
            Some(())
        })?;
        let fix = "write default, or a number of alerts in 30 days from 0 to 1000";
        self.take(text("alert_budget"), "alert_budget", fix, |text| {
            settings.alert_budget = text.parse().ok()?;
            Some(())
        })?;
        let mut start = WrittenStart::default();
        self.take(text("start"), "start", "write all, now, 30d, a date or a time", |text| {
            start = text.parse().ok()?;
            Some(())
        })?;
        let mut paused = None;
        self.take(text("paused"), "paused", "write true or false", |text| {
            paused = Some(text.parse().ok()?);
            Some(())
        })?;
        settings.labels = labels;
        settings.check().map_err(invalid)?;
        Ok(Declared {
            settings,
            start,
            paused,
            credentials: self.credentials(&text)?,
            place: self.place.clone(),
        })
    }

    fn credentials<'t>(
        &self,
        text: &dyn Fn(&str) -> Option<&'t str>,
    ) -> Result<CredentialsFrom, ConfigError> {
        let file = |name| beside(self.path, name);
        match (text("token_file"), text("token_env"), text("oauth_file")) {
            (Some(path), None, None) => Ok(CredentialsFrom::TokenFile(file(path))),
            (None, Some(name), None) => Ok(CredentialsFrom::Variable(name.to_owned())),
            (None, None, Some(path)) => Ok(CredentialsFrom::OAuthFile(file(path))),
            (None, None, None) => Err(self.bad(
                "token_file",
                "is missing",
                "say where the token is: token_file, token_env or oauth_file; it is never written here itself",
            )),
            _ => Err(self.bad(
                "token_file",
                "is not the only place of the token",
                "keep one of token_file, token_env and oauth_file",
            )),
        }
    }

    fn take(
        &self,
        text: Option<&str>,
        key: &str,
        fix: &str,
        into: impl FnOnce(&str) -> Option<()>,
    ) -> Result<(), ConfigError> {
        let Some(text) = text else { return Ok(()) };
        into(text).ok_or_else(|| self.bad(key, &format!("cannot be `{text}`"), fix))
    }

    fn bad(&self, key: &str, reason: &str, fix: &str) -> ConfigError {
        ConfigError::BadValue {
            place: self.places.get(key).unwrap_or(&self.place).clone(),
            setting: format!("connector.{key}"),
            reason: reason.to_owned(),
            fix: fix.to_owned(),
        }
    }
}
