//! What can go wrong with the log, by what the caller does next. Nothing that was reported as stored is
//! lost by any of these: what did not commit is collected again.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;

use crate::access::Refusal;
use crate::connector::Invalid;
use crate::secret::SecretError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk that holds {} is full: free some space; nothing is lost, what did not fit is collected again", .0.display())]
    DiskFull(PathBuf),
    #[error(
        "the disk that holds {} fails ({detail}): look at it (`dmesg`, `df`, limits on the size of files); nothing is \
         lost, what was not written is collected again", path.display()
    )]
    DiskFails { path: PathBuf, detail: String },
    #[error("{} cannot be written: give this user the right to write to it and its directory, mount it writable, or free some space", .0.display())]
    ReadOnly(PathBuf),
    #[error(
        "{} is damaged ({detail}): stop Hubtrail, keep a copy of the file, run `hubtrail doctor`, and restore the \
         last backup with `hubtrail restore`; what came after it is collected again", path.display()
    )]
    Corrupt { path: PathBuf, detail: String },
    #[error("{} is not a Hubtrail log: choose another data directory, or move that file away", .0.display())]
    NotALog(PathBuf),
    #[error(
        "{} was written by a newer Hubtrail (schema {found}, this one knows {known}): upgrade this Hubtrail, or use \
         another data directory", path.display()
    )]
    NewerSchema { path: PathBuf, found: i64, known: i64 },
    #[error("another process keeps {} locked: end it, or try again in a moment", .0.display())]
    Busy(PathBuf),
    #[error("{holder} already collects into {}: stop it first, or use another data directory", dir.display())]
    InUse { dir: PathBuf, holder: String },
    #[error("{operation} {}: {source}; check that the path is right and that this user may use it", path.display())]
    Io { operation: &'static str, path: PathBuf, source: Arc<io::Error> },
    #[error("there is no connector `{name}`: {}", known_names(known))]
    UnknownConnector { name: String, known: Vec<String> },
    #[error("there is a connector `{0}` already: choose another name, or remove that one first")]
    DuplicateName(String),
    #[error("connector `{name}` was changed by somebody else meanwhile: look at it again, then change it")]
    Conflict { name: String },
    #[error("connector `{name}` is declared in {file}: change it there, then start `hubtrail serve` again")]
    Declared { name: String, file: String },
    #[error("there is no sink `{name}`: {}", known_sinks(known))]
    UnknownSink { name: String, known: Vec<String> },
    #[error("there is no alert channel `{name}`: {}", known_channels(known))]
    UnknownChannel { name: String, known: Vec<String> },
    #[error("there is an alert channel `{0}` already: choose another name, or remove that one first")]
    ChannelNameTaken(String),
    #[error("there is a sink `{0}` already: choose another name, or remove that one first")]
    SinkNameTaken(String),
    #[error("sink `{name}` was changed by somebody else meanwhile: look at it again, then change it")]
    SinkChanged { name: String },
    #[error(
        "alert channel `{name}` was changed by somebody else meanwhile: look at it again, then change it"
    )]
    ChannelChanged { name: String },
    #[error("sink `{name}` is declared in {file}: change it there, then start `hubtrail serve` again")]
    DeclaredSink { name: String, file: String },
    #[error("there is no finding {0}: see `hubtrail findings`")]
    NoFinding(String),
    #[error("finding {0} was changed since you looked: look at it again, then judge it")]
    FindingChanged(String),
    #[error("there is no exception number {0}: see `hubtrail findings exceptions`")]
    NoException(i64),
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(transparent)]
    Access(#[from] Refusal),
    #[error(transparent)]
    Secret(Arc<SecretError>),
    #[error("append: {records} records came with {ids} ids: identify the records that are appended")]
    Mismatch { records: usize, ids: usize },
    #[error(
        "reader `{name}` acknowledges position {position}, but the log ends at {head}: read before acknowledging"
    )]
    PastHead { name: String, position: i64, head: i64 },
    #[error("{} exists: choose another file, or move it away", .0.display())]
    Exists(PathBuf),
    #[error("the search looked at too many entries: narrow it by time, or by another filter")]
    TookTooLong,
    #[error("the log is closed: its writer has stopped; start Hubtrail again")]
    Stopped,
    #[error("the log: {0}")]
    Sql(Arc<rusqlite::Error>),
}

fn known_names(known: &[String]) -> String {
    if known.is_empty() {
        return "add one with `hubtrail connector add`".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("the connectors are {}", names.join(", "))
}

fn known_sinks(known: &[String]) -> String {
    if known.is_empty() {
        return "add one with `hubtrail sink add`".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("the sinks are {}", names.join(", "))
}

fn known_channels(known: &[String]) -> String {
    if known.is_empty() {
        return "add one with `hubtrail alert add`".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("the channels are {}", names.join(", "))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(Arc::new(error))
    }
}

impl From<rusqlite::types::FromSqlError> for StoreError {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        rusqlite::Error::from(error).into()
    }
}

impl From<SecretError> for StoreError {
    fn from(error: SecretError) -> Self {
        Self::Secret(Arc::new(error))
    }
}

impl StoreError {
    pub(super) fn io(operation: &'static str, path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::DiskFull(path.to_owned());
        }
        Self::Io { operation, path: path.to_owned(), source: Arc::new(source) }
    }

    /// A value that only this program writes does not read back.
    pub(super) fn unreadable(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Corrupt { path: PathBuf::new(), detail: format!("{what}: {error}") }
    }

    /// A value of this program's cannot be written down.
    pub(crate) fn unwritable(what: &str, error: impl std::fmt::Display) -> Self {
        Self::unreadable(what, error)
    }

    /// SQLite's error as one that says which file, and what to do.
    pub(super) fn located(self, path: &Path) -> Self {
        let at = path.to_owned();
        let error = match &self {
            Self::Corrupt { path, detail } if path.as_os_str().is_empty() => {
                return Self::Corrupt { path: at, detail: detail.clone() };
            }
            Self::Sql(error) => error,
            _ => return self,
        };
        // Only this program writes what does not read back here.
        if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = &**error {
            return Self::Corrupt { path: at, detail: why.to_string() };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull(at),
            Some(ErrorCode::SystemIoFailure) => Self::DiskFails { path: at, detail: error.to_string() },
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::ReadOnly(at)
            }
            Some(ErrorCode::DatabaseCorrupt) => Self::Corrupt { path: at, detail: error.to_string() },
            Some(ErrorCode::NotADatabase) => Self::NotALog(at),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(at),
            _ => self,
        }
    }
}
