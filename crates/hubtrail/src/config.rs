//! What the operator decided: built-in values, overlaid by `hubtrail.toml`, overlaid by
//! `HUBTRAIL__SECTION__KEY`, overlaid by flags.
//!
//! The only reader of the environment. A key that is not known is an error that names its place:
//! a setting that is silently ignored is worse than none. Values of secrets never enter a message.

mod connector;
mod error;
mod file;
mod setting;
mod sink;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use directories::ProjectDirs;
use hubtrail_core::detect::BUDGET;
use secrecy::SecretString;
use tracing::level_filters::LevelFilter;
use url::Url;

pub use connector::Declared;
pub use error::ConfigError;
use error::Place;
use setting::Setting;
pub use sink::DeclaredSink;

/// The name of the file in the platform's configuration folder.
const FILE_NAME: &str = "hubtrail.toml";
/// Where a package puts the file.
const MACHINE_DIR: &str = "/etc/hubtrail";
const PREFIX: &str = "HUBTRAIL__";

#[derive(Clone, Debug)]
pub struct Config {
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    pub connectors: Vec<Declared>,
    pub sinks: Vec<DeclaredSink>,
    pub server: Server,
    pub storage: Storage,
    pub detection: Detection,
    pub network: Network,
    pub security: Security,
    pub log: Log,
}

#[derive(Clone, Debug)]
pub struct Server {
    pub listen: SocketAddr,
    /// PEM files. Both or neither: without them the listener speaks HTTP.
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// The address that people use, where it is another than the listener's.
    pub public_url: Option<Url>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether `/metrics` is there for everybody who reaches the listener.
    pub open_metrics: bool,
}

impl Server {
    /// The address under which people find the console.
    #[must_use]
    pub fn console(&self) -> Url {
        let scheme = if self.tls_certificate.is_some() { "https" } else { "http" };
        let own = || Url::parse(&format!("{scheme}://{}/", self.listen));
        self.public_url.clone().map_or_else(own, Ok).expect("a socket's address makes an address")
    }
}

#[derive(Clone, Debug)]
pub struct Storage {
    pub data_dir: PathBuf,
    /// None: entries are kept for ever.
    pub retention_days: Option<u32>,
    /// How much longer entries are kept for a sink that has not had them. None: as long as it takes.
    pub sink_wait_days: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Detection {
    /// Rules of the operator's own: a file or a directory.
    pub rules: Option<PathBuf>,
    /// Alerts in 30 days that an account may raise.
    pub alert_budget: f64,
    /// None: findings are kept for ever.
    pub retention_days: Option<u32>,
}

#[derive(Clone, Debug)]
pub struct Network {
    pub connect_timeout: Duration,
    /// A URL, secret because it may hold a password.
    pub proxy: Option<SecretString>,
    /// Hosts that are reached without the proxy, as in `NO_PROXY`.
    pub no_proxy: Option<String>,
    /// PEM file with certificates that are trusted besides the system's.
    pub extra_ca: Option<PathBuf>,
}

/// Where the key comes from that seals tokens at rest. Neither: a key file in the data directory.
#[derive(Clone, Debug, Default)]
pub struct Security {
    pub key: Option<SecretString>,
    pub key_file: Option<PathBuf>,
}

#[derive(Clone, Debug)]
pub struct Log {
    /// None: the command decides.
    pub level: Option<LevelFilter>,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Everything that settings come from, read but not yet judged.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The file's path and text.
    pub file: Option<(PathBuf, String)>,
    pub environment: Vec<(String, String)>,
    /// The flag `--data-dir`.
    pub data_dir: Option<PathBuf>,
}

impl Layers {
    /// Reads the file (the one named, or the one in the platform's configuration folder, or the machine's, if
    /// there is one) and the environment.
    ///
    /// # Errors
    /// When a file was named, or is there, and cannot be read; when a variable of ours is not Unicode.
    pub fn read(file: Option<PathBuf>, data_dir: Option<PathBuf>) -> Result<Self, ConfigError> {
        let file = match file {
            Some(path) => Some(read_file(path)?),
            None => default_file().map(read_file).transpose()?,
        };
        Ok(Self { file, environment: environment()?, data_dir })
    }
}

impl Config {
    /// # Errors
    /// At the first setting that is unknown or has an impossible value, naming its place.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let mut config = Self::built_in();
        config.take_conventional_proxy(&layers.environment)?;
        if let Some((path, text)) = &layers.file {
            let document = file::read(path, text)?;
            for setting in document.settings {
                setting.apply(&mut config)?;
            }
            config.file = Some(path.clone());
            config.connectors = document.connectors;
            config.sinks = document.sinks;
        }
        for (name, value) in &layers.environment {
            if let Some(setting) = Setting::from_variable(name, value)? {
                setting.apply(&mut config)?;
            }
        }
        config.server.check()?;
        if let Some(data_dir) = &layers.data_dir {
            config.storage.data_dir.clone_from(data_dir);
        }
        if config.storage.data_dir.as_os_str().is_empty() {
            config.storage.data_dir = default_data_dir().ok_or(ConfigError::NoHome)?;
        }
        Ok(config)
    }

    fn built_in() -> Self {
        Self {
            file: None,
            connectors: Vec::new(),
            sinks: Vec::new(),
            server: Server {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
                tls_certificate: None,
                tls_key: None,
                public_url: None,
                trusted_proxies: Vec::new(),
                open_metrics: false,
            },
            storage: Storage { data_dir: PathBuf::new(), retention_days: None, sink_wait_days: None },
            detection: Detection { rules: None, alert_budget: BUDGET, retention_days: None },
            network: Network {
                connect_timeout: Duration::from_secs(10),
                proxy: None,
                no_proxy: None,
                extra_ca: None,
            },
            security: Security::default(),
            log: Log { level: None, format: LogFormat::Text },
        }
    }

    /// `HTTPS_PROXY` and `NO_PROXY`, as every program understands them; below our own settings.
    fn take_conventional_proxy(&mut self, environment: &[(String, String)]) -> Result<(), ConfigError> {
        for (name, value) in environment.iter().filter(|(_, value)| !value.is_empty()) {
            let key = match name.to_ascii_uppercase().as_str() {
                "HTTPS_PROXY" => "proxy",
                "NO_PROXY" => "no_proxy",
                _ => continue,
            };
            Setting::new("network", key, value, Place::Variable(name.clone())).apply(self)?;
        }
        Ok(())
    }
}

impl Server {
    /// Whether browsers come by https, to us or to the proxy that `public_url` names.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls_certificate.is_some() || self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }

    fn check(&self) -> Result<(), ConfigError> {
        let (given, missing) = match (&self.tls_certificate, &self.tls_key) {
            (Some(_), None) => ("tls_certificate", "tls_key"),
            (None, Some(_)) => ("tls_key", "tls_certificate"),
            _ => return Ok(()),
        };
        Err(ConfigError::Incomplete { given, missing })
    }
}

/// The connectors of a file that declares nothing else.
///
/// # Errors
/// When it cannot be read, or at the first key that is unknown or has an impossible value.
pub fn connectors_in(path: PathBuf) -> Result<Vec<Declared>, ConfigError> {
    let (path, text) = read_file(path)?;
    let document = file::read(&path, &text)?;
    match (document.settings.first(), document.sinks.first()) {
        (Some(setting), _) => Err(setting.not_a_connector()),
        (None, Some(sink)) => Err(sink.not_a_connector()),
        (None, None) => Ok(document.connectors),
    }
}

/// A variable that somebody named in a file.
fn variable(name: &str) -> Option<SecretString> {
    let found = std::env::vars_os().find(|(other, _)| other == name);
    found.and_then(|(_, value)| value.into_string().ok()).map(SecretString::from)
}

fn read_file(path: PathBuf) -> Result<(PathBuf, String), ConfigError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((path, text)),
        Err(source) => Err(ConfigError::Unreadable { path, source }),
    }
}

/// The variables that concern us; all others stay unread.
fn environment() -> Result<Vec<(String, String)>, ConfigError> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
        let value = value.into_string().map_err(|_| ConfigError::NotUnicode { name: name.to_owned() })?;
        variables.push((name.to_owned(), value));
    }
    variables.sort();
    Ok(variables)
}

fn is_ours(name: &str) -> bool {
    name.starts_with(PREFIX) || matches!(name.to_ascii_uppercase().as_str(), "HTTPS_PROXY" | "NO_PROXY")
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "hubtrail")
}

/// The user's own file if there is one, else the machine's.
fn default_file() -> Option<PathBuf> {
    let own = project().map(|dirs| dirs.config_dir().join(FILE_NAME));
    let machine = cfg!(unix).then(|| Path::new(MACHINE_DIR).join(FILE_NAME));
    own.into_iter().chain(machine).find(|path| path.is_file())
}

fn default_data_dir() -> Option<PathBuf> {
    project().map(|dirs| dirs.data_dir().to_path_buf())
}

/// Paths in a file are relative to it, so that a service's working directory does not matter.
fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from(path), |folder| folder.join(path))
}

#[cfg(test)]
mod hostile;

#[cfg(test)]
mod tests;
