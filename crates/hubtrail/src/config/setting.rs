//! One setting: which keys exist, what their values may be, and what was probably meant.
//!
//! Files and variables meet here as text, so that each key is read in one place only.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::connector;
use super::error::{ConfigError, Place};
use super::{Config, LogFormat, PREFIX, beside};
use crate::address;
use crate::moment::length_ms;

/// Every key there is, by section.
const KEYS: &[(&str, &[&str])] = &[
    ("server", &["listen", "tls_certificate", "tls_key", "public_url", "trusted_proxies", "open_metrics"]),
    ("storage", &["data_dir", "retention_days", "sink_wait_days"]),
    ("detection", &["rules", "alert_budget", "retention_days"]),
    ("network", &["connect_timeout", "proxy", "no_proxy", "extra_ca"]),
    ("security", &["key", "key_file"]),
    ("log", &["level", "format"]),
];

pub(super) struct Setting {
    section: String,
    key: String,
    text: String,
    place: Place,
}

impl Setting {
    pub(super) fn new(section: &str, key: &str, text: &str, place: Place) -> Self {
        Self { section: section.to_owned(), key: key.to_owned(), text: text.to_owned(), place }
    }

    /// Reads `HUBTRAIL__SECTION__KEY`; none for variables of others.
    pub(super) fn from_variable(name: &str, value: &str) -> Result<Option<Self>, ConfigError> {
        let Some(rest) = name.strip_prefix(PREFIX) else { return Ok(None) };
        let place = Place::Variable(name.to_owned());
        let lower = rest.to_ascii_lowercase();
        let Some((section, key)) = lower.split_once("__") else {
            return Err(Self::outside_sections(&lower, place));
        };
        Self::known_section(section, &place)?;
        Ok(Some(Self::new(section, key, value, place)))
    }

    pub(super) fn known_section(section: &str, place: &Place) -> Result<(), ConfigError> {
        if keys_of(section).is_some() {
            return Ok(());
        }
        let sections = sections();
        Err(ConfigError::Unknown {
            place: place.clone(),
            what: format!("section [{section}]"),
            fix: meant(section, sections, "the sections are"),
        })
    }

    pub(super) fn outside_sections(key: &str, place: Place) -> ConfigError {
        let fix = match section_of(key) {
            Some(section) => format!("`{key}` belongs in [{section}]"),
            None => meant(key, sections(), "the sections are"),
        };
        ConfigError::Unknown { place, what: format!("key `{key}` outside of a section"), fix }
    }

    pub(super) fn apply(self, config: &mut Config) -> Result<(), ConfigError> {
        let text = self.text.as_str();
        match (self.section.as_str(), self.key.as_str()) {
            ("server", "listen") => {
                config.server.listen = self.read(text.parse().ok(), "write it as 127.0.0.1:8787")?;
            }
            ("server", "tls_certificate") => config.server.tls_certificate = Some(self.path()?),
            ("server", "tls_key") => config.server.tls_key = Some(self.path()?),
            ("server", "public_url") => config.server.public_url = Some(self.public_url()?),
            ("server", "trusted_proxies") => {
                let proxies = text.split(',').map(|address| address.trim().parse()).collect::<Result<_, _>>();
                let fix = "write addresses with commas between them, such as \"10.0.0.1, ::1\"";
                config.server.trusted_proxies = self.read(proxies.ok(), fix)?;
            }
            ("server", "open_metrics") => {
                config.server.open_metrics = self.read(text.parse().ok(), "write true or false")?;
            }
            ("storage", "data_dir") => config.storage.data_dir = self.path()?,
            ("storage", "sink_wait_days") => {
                let fix = "write whole days, 0 or more; leave the key out to wait as long as it takes";
                config.storage.sink_wait_days = Some(self.read(text.parse().ok(), fix)?);
            }
            ("storage", "retention_days") => config.storage.retention_days = Some(self.days()?),
            ("detection", "rules") => config.detection.rules = Some(self.path()?),
            ("detection", "alert_budget") => {
                let budget = text.parse().ok().filter(|budget| (0.0..=1_000.0).contains(budget));
                let fix = "write a number of alerts in 30 days, from 0 to 1000";
                config.detection.alert_budget = self.read(budget, fix)?;
            }
            ("detection", "retention_days") => config.detection.retention_days = Some(self.days()?),
            ("network", "connect_timeout") => {
                let ms = length_ms(text).ok().and_then(|ms| u64::try_from(ms).ok()).filter(|ms| *ms > 0);
                config.network.connect_timeout =
                    Duration::from_millis(self.read(ms, "write it as 10s or 500ms")?);
            }
            ("network", "proxy") => config.network.proxy = Some(self.proxy()?),
            ("network", "no_proxy") => config.network.no_proxy = Some(text.to_owned()),
            ("network", "extra_ca") => config.network.extra_ca = Some(self.path()?),
            ("security", "key") => config.security.key = Some(SecretString::from(text)),
            ("security", "key_file") => config.security.key_file = Some(self.path()?),
            ("log", "level") => {
                let fix = "write one of off, error, warn, info, debug, trace";
                config.log.level = Some(self.read(text.parse().ok(), fix)?);
            }
            ("log", "format") => {
                let format = match text {
                    "text" => Some(LogFormat::Text),
                    "json" => Some(LogFormat::Json),
                    _ => None,
                };
                config.log.format = self.read(format, "write text or json")?;
            }
            _ => return Err(self.unknown()),
        }
        Ok(())
    }

    fn read<T>(&self, value: Option<T>, fix: &str) -> Result<T, ConfigError> {
        value.ok_or_else(|| self.bad(format!("cannot be `{}`", self.text), fix))
    }

    fn days(&self) -> Result<u32, ConfigError> {
        let days = self.text.parse().ok().filter(|days| *days > 0);
        self.read(days, "write whole days, one or more; leave the key out to keep everything")
    }

    fn path(&self) -> Result<PathBuf, ConfigError> {
        if self.text.is_empty() {
            return Err(self.bad("is empty".to_owned(), "write a path, or leave the key out"));
        }
        Ok(match &self.place {
            Place::File { path, .. } => beside(path, &self.text),
            Place::Variable(_) => PathBuf::from(&self.text),
        })
    }

    /// Somebody may have written a password into it: it is never repeated.
    fn public_url(&self) -> Result<Url, ConfigError> {
        let more = "it is more than a scheme, a host and a port";
        let url = address::read(&self.text).and_then(|url| is_public_url(&url).then_some(url).ok_or(more));
        url.map_err(|reason| {
            self.bad(format!("cannot be used: {reason}"), "write it as https://hubtrail.example.org")
        })
    }

    /// A proxy's URL may hold a password: it is never repeated.
    fn proxy(&self) -> Result<SecretString, ConfigError> {
        let with_scheme =
            if self.text.contains("://") { self.text.clone() } else { format!("http://{}", self.text) };
        let known =
            |url: &Url| url.has_host() && matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h");
        match with_scheme.parse::<Url>() {
            Ok(url) if known(&url) => Ok(SecretString::from(with_scheme)),
            _ => Err(self.bad(
                "is not the URL of a proxy".to_owned(),
                "write it as http://HOST:PORT or socks5://HOST:PORT",
            )),
        }
    }

    /// For a file that may hold nothing but connectors.
    pub(super) fn not_a_connector(&self) -> ConfigError {
        let what = format!("section [{}] in a file of connectors", self.section);
        let fix = "it belongs in hubtrail.toml; this file holds [[connector]] only".to_owned();
        ConfigError::Unknown { place: self.place.clone(), what, fix }
    }

    pub(super) fn not_a_value(&self) -> ConfigError {
        self.bad("is not a plain value".to_owned(), "write a string in quotes, or a number")
    }

    fn bad(&self, reason: String, fix: &str) -> ConfigError {
        let setting = format!("{}.{}", self.section, self.key);
        ConfigError::BadValue { place: self.place.clone(), setting, reason, fix: fix.to_owned() }
    }

    fn unknown(&self) -> ConfigError {
        let fix = match section_of(&self.key) {
            Some(section) => format!("`{}` belongs in [{section}]", self.key),
            None => meant(
                &self.key,
                keys_of(&self.section).unwrap_or_default().iter().copied(),
                &format!("the keys of [{}] are", self.section),
            ),
        };
        let what = format!("key `{}` in [{}]", self.key, self.section);
        ConfigError::Unknown { place: self.place.clone(), what, fix }
    }
}

fn is_public_url(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && (url.path(), url.query(), url.fragment()) == ("/", None, None)
}

fn sections() -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().map(|(name, _)| *name).chain(["connector", "sink"])
}

fn keys_of(section: &str) -> Option<&'static [&'static str]> {
    KEYS.iter().find(|(name, _)| *name == section).map(|(_, keys)| *keys)
}

fn section_of(key: &str) -> Option<&'static str> {
    let section = KEYS.iter().find(|(_, keys)| keys.contains(&key)).map(|(section, _)| *section);
    section.or_else(|| connector::KEYS.contains(&key).then_some("[connector]"))
}

/// The known name that is nearest to what was written, or all of them when none is near.
pub(super) fn meant<'a>(written: &str, known: impl Iterator<Item = &'a str> + Clone, all: &str) -> String {
    let near = known
        .clone()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3 + 1);
    match near {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => format!("{all} {}", known.collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
pub(super) fn every_key() -> impl Iterator<Item = &'static str> {
    KEYS.iter().flat_map(|(_, keys)| *keys).chain(connector::KEYS).copied()
}
