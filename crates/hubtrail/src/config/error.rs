//! Errors of the configuration: the place, the reason and the fix. They never hold a value that
//! could be a secret.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    File { path: PathBuf, line: usize, column: usize },
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("read configuration {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("environment variable {name}: its value is not Unicode")]
    NotUnicode { name: String },
    #[error("{place}: {reason}")]
    Syntax { place: Place, reason: String },
    #[error("{place}: unknown {what}")]
    Unknown { place: Place, what: String, fix: String },
    #[error("{place}: {setting} {reason}")]
    BadValue { place: Place, setting: String, reason: String, fix: String },
    #[error("{place}: {reason}")]
    Credentials { place: Place, reason: String, fix: String },
    #[error("[server] has `{given}` and no `{missing}`")]
    Incomplete { given: &'static str, missing: &'static str },
    #[error("no home directory to keep the data in")]
    NoHome,
}

impl ConfigError {
    /// What the operator does about it.
    #[must_use]
    pub fn fix(&self) -> String {
        match self {
            Self::Unreadable { .. } => "name a readable file with --config, or remove the flag".to_owned(),
            Self::NotUnicode { .. } => "write the value in UTF-8, or use the configuration file".to_owned(),
            Self::Syntax { .. } => "write it as `key = value` under a `[section]` (TOML)".to_owned(),
            Self::Unknown { fix, .. } | Self::BadValue { fix, .. } | Self::Credentials { fix, .. } => {
                fix.clone()
            }
            Self::Incomplete { given, missing } => format!("add `{missing}`, or leave `{given}` out"),
            Self::NoHome => "name a directory with --data-dir".to_owned(),
        }
    }
}
