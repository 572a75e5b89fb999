//! `[[sink]]`: a sink that is declared in a file, for people who keep their set-up in git. Its settings are those of
//! the API, in the spelling of this file; what opens the receiver is named by where it is, and is not in the file.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};
use zeroize::Zeroizing;

use super::error::{ConfigError, Place};
use super::file::line_and_column;
use super::{beside, variable};
use crate::connector::Invalid;
use crate::sink::{By, Credentials, Limits, Selection, Settings, Start, Target, spelling};

/// One `[[sink]]`.
#[derive(Clone, Debug)]
pub struct DeclaredSink {
    settings: Settings,
    /// Names of connectors; they are looked up when the sink is brought into the log.
    pub accounts: Vec<String>,
    pub start: Start,
    pub paused: Option<bool>,
    credentials: CredentialsFrom,
    place: Place,
    file: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Form {
    name: String,
    format: String,
    original: Option<bool>,
    target: Target,
    #[serde(default)]
    select: Chosen,
    #[serde(default)]
    batch: Limits,
    start: Option<String>,
    paused: Option<bool>,
    #[serde(default)]
    credentials: CredentialsFrom,
}

/// As [`Selection`], with the names of connectors.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(flatten)]
    rest: serde_json::Map<String, serde_json::Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct CredentialsFrom {
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    token_file: Option<PathBuf>,
    token_env: Option<String>,
    signing_secret_file: Option<PathBuf>,
    signing_secret_env: Option<String>,
    client_key_file: Option<PathBuf>,
}

impl DeclaredSink {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Its settings, for the connectors of its accounts.
    #[must_use]
    pub fn settings(&self, accounts: Vec<crate::connector::ConnectorId>) -> Settings {
        let select = Selection { accounts, ..self.settings.select.clone() };
        Settings { select, ..self.settings.clone() }
    }

    /// # Errors
    /// When what opens the receiver cannot be read. The error names its place and holds nothing of it.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        let from = &self.credentials;
        let credentials = Credentials {
            password: self.secret(from.password_file.as_deref(), from.password_env.as_deref())?,
            token: self.secret(from.token_file.as_deref(), from.token_env.as_deref())?,
            signing_secret: self
                .secret(from.signing_secret_file.as_deref(), from.signing_secret_env.as_deref())?,
            client_key: self.secret(from.client_key_file.as_deref(), None)?,
        };
        self.settings.check_credentials(&credentials).map_err(|error| self.refused(&error))?;
        Ok(credentials)
    }

    fn secret(&self, file: Option<&Path>, name: Option<&str>) -> Result<Option<SecretString>, ConfigError> {
        let unreadable = |reason: String, fix: &str| ConfigError::Credentials {
            place: self.place.clone(),
            reason,
            fix: fix.to_owned(),
        };
        match (file, name) {
            (None, None) => Ok(None),
            (Some(path), None) => {
                let path = beside(&self.file, &path.to_string_lossy());
                let text = std::fs::read_to_string(&path).map(Zeroizing::new).map_err(|source| {
                    unreadable(
                        format!("read {}: {source}", path.display()),
                        "name a file that this user may read",
                    )
                })?;
                Ok(Some(SecretString::from(text.trim())))
            }
            (None, Some(name)) => {
                let text = variable(name).ok_or_else(|| {
                    let fix = "set it for this process, or name a file";
                    unreadable(format!("the environment variable {name} is not set"), fix)
                })?;
                Ok(Some(text))
            }
            (Some(_), Some(_)) => {
                Err(unreadable("a secret has two places".to_owned(), "keep the file or the variable"))
            }
        }
    }

    /// For a file that may hold nothing but connectors.
    pub(super) fn not_a_connector(&self) -> ConfigError {
        let what = format!("sink `{}` in a file of connectors", self.name());
        let fix = "it belongs in hubtrail.toml; this file holds [[connector]] only".to_owned();
        ConfigError::Unknown { place: self.place.clone(), what, fix }
    }

    fn refused(&self, error: &Invalid) -> ConfigError {
        bad(self.place.clone(), error.field, error.reason.clone(), error.fix)
    }
}

/// # Errors
/// At the first sink that cannot be, naming its place.
pub(super) fn read(
    path: &Path,
    text: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<DeclaredSink>, ConfigError> {
    let at = |offset: usize| {
        let (line, column) = line_and_column(text, offset);
        Place::File { path: path.to_owned(), line, column }
    };
    let not_a_list = |offset| {
        let fix = "write each under a line [[sink]], with both brackets twice";
        bad(at(offset), "", "is not a list of sinks".to_owned(), fix)
    };
    let items = value.get_ref().as_array().ok_or_else(|| not_a_list(value.span().start))?;
    let mut all: Vec<DeclaredSink> = Vec::new();
    for item in items {
        let place = at(item.span().start);
        if item.get_ref().as_table().is_none() {
            return Err(not_a_list(item.span().start));
        }
        let spelt = Spanned::new(item.span(), spelt_as_api(item.get_ref()));
        let form = Form::deserialize(ValueDeserializer::from(spelt)).map_err(|error| {
            let place = error.span().map_or_else(|| place.clone(), |span| at(span.start));
            let fix = "see examples/hubtrail.toml, and docs/sinks for each kind";
            bad(place, "", spelling::as_file(&without_text(error.message())), fix)
        })?;
        let declared = judged(form, place, path)?;
        let twice = |other: &&DeclaredSink| other.name().to_lowercase() == declared.name().to_lowercase();
        if let Some(other) = all.iter().find(twice) {
            let reason = format!("`{}` is declared at {} already", declared.name(), other.place);
            return Err(bad(declared.place.clone(), "name", reason, "give each a name of its own"));
        }
        all.push(declared);
    }
    Ok(all)
}

fn judged(form: Form, place: Place, file: &Path) -> Result<DeclaredSink, ConfigError> {
    let wrong = |field: &str, reason: String, fix: &str| bad(place.clone(), field, reason, fix);
    let format = form
        .format
        .parse()
        .map_err(|error| wrong("format", format!("{error}"), "use raw, ocsf, ecs, dnif, cef or leef"))?;
    let select: Selection = serde_json::from_value(form.select.rest.into()).map_err(|error| {
        wrong("select", spelling::as_file(&without_text(&error.to_string())), "see examples/hubtrail.toml")
    })?;
    let start =
        form.start.as_deref().unwrap_or("now").parse().map_err(|error| {
            wrong("start", format!("{error}"), "write beginning, now, 30d, a date or a time")
        })?;
    let settings = Settings {
        name: form.name,
        format,
        original: form.original.unwrap_or(true),
        target: form.target,
        select,
        batch: form.batch,
    };
    settings.check(By::Operator).map_err(|error| wrong(error.field, error.reason, error.fix))?;
    Ok(DeclaredSink {
        settings,
        accounts: form.select.accounts,
        start,
        paused: form.paused,
        credentials: form.credentials,
        place,
        file: file.to_owned(),
    })
}

/// What serde says, without the text that it found: where a table belongs, somebody may have written the secret itself.
fn without_text(message: &str) -> Cow<'_, str> {
    match message.split_once("string \"").zip(message.rsplit_once("\", expected ")) {
        Some(((before, _), (_, expected))) => Cow::Owned(format!("{before}a string, expected {expected}")),
        None => Cow::Borrowed(message),
    }
}

fn bad(place: Place, field: &str, reason: String, fix: &str) -> ConfigError {
    let setting =
        if field.is_empty() { "sink".to_owned() } else { format!("sink.{}", spelling::as_file(field)) };
    ConfigError::BadValue { place, setting, reason, fix: fix.to_owned() }
}

/// Keys as the API spells them, at the same places. The names of headers are HTTP's own.
fn spelt_as_api<'a>(value: &DeValue<'a>) -> DeValue<'a> {
    match value {
        DeValue::Table(table) => {
            let mut spelt = DeTable::new();
            for (key, value) in table {
                let (name, inner) = (key.get_ref().as_ref(), value.get_ref());
                let inner = if name == "headers" { inner.clone() } else { spelt_as_api(inner) };
                let name = Spanned::new(key.span(), Cow::Owned(spelling::as_api(name)));
                spelt.insert(name, Spanned::new(value.span(), inner));
            }
            DeValue::Table(spelt)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests;
