//! A file of one entry a line, on the disk before it counts as delivered. It is turned over by size and by
//! time; what was turned over is packed beside it and appears under its name whole or not at all.

mod turnover;

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::open::Opening;
use super::{By, Item, Receipt, Sink, SinkError};
use crate::clock::Clock;
use crate::connector::Invalid;

/// A file of one entry a line
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    /// Below the folder `export` of the data directory; only an operator of the machine may name another place.
    #[schema(value_type = String, example = "hubspot.ndjson")]
    pub path: PathBuf,
    /// Turned over before it grows beyond this.
    #[serde(default = "usual_bytes")]
    #[schema(minimum = 4096, maximum = 1099511627776_i64)]
    pub rotate_bytes: u64,
    /// Turned over at every multiple of this since 1970 (UTC); left out: by size only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 60000, maximum = 31622400000_i64)]
    pub rotate_ms: Option<i64>,
    /// How what was turned over is packed.
    #[serde(default)]
    pub compression: Compression,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    None,
    Gzip,
    #[default]
    Zstd,
}

/// From a page of the disk to a TiB.
const ROTATE_BYTES: RangeInclusive<u64> = 4_096..=1 << 40;
/// From a minute to the longest year.
const ROTATE_MS: RangeInclusive<i64> = 60_000..=366 * 86_400_000;

const fn usual_bytes() -> u64 {
    100 * 1_024 * 1_024
}

/// The folder of the data directory below which files may be that somebody asks for over the network.
const EXPORT: &str = "export";

impl File {
    pub(super) fn check(&self, by: By) -> Result<(), Invalid> {
        let refuse = |field, reason: &str, fix| Err(Invalid { field, reason: reason.to_owned(), fix });
        if self.path.file_name().is_none() || self.path.as_os_str().as_encoded_bytes().contains(&0) {
            return refuse("target.path", "it names no file", "name it, such as hubspot.ndjson");
        }
        let steps_out = self.path.components().any(|part| part == std::path::Component::ParentDir);
        if steps_out || (by == By::Request && self.path.is_absolute()) {
            return refuse(
                "target.path",
                "it leads out of the data directory",
                "use a name below the folder export, or add the sink on the machine with `hubtrail sink`",
            );
        }
        if !ROTATE_BYTES.contains(&self.rotate_bytes) {
            return refuse(
                "target.rotateBytes",
                "it is too small or too large",
                "use 4096 (4 KiB) to 1099511627776 (1 TiB)",
            );
        }
        if self.rotate_ms.is_some_and(|ms| !ROTATE_MS.contains(&ms)) {
            return refuse(
                "target.rotateMs",
                "it is too short or too long",
                "use 60000 (a minute) to 31622400000 (366 days)",
            );
        }
        Ok(())
    }
}

pub(super) struct FileSink {
    path: PathBuf,
    settings: File,
    clock: Clock,
    current: Option<Current>,
}

/// The file that is written to.
struct Current {
    file: fs::File,
    bytes: u64,
    /// Which multiple of the turnover's length it belongs to.
    period: i64,
    /// A failing disk kept a batch, or a piece of one, behind these bytes.
    torn: bool,
}

impl FileSink {
    pub(super) fn new(settings: &File, opening: &Opening<'_>) -> Self {
        let path = opening.data_dir.join(EXPORT).join(&settings.path);
        Self { path, settings: settings.clone(), clock: opening.clock, current: None }
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<u64> {
        let now = self.clock.now();
        let period = self.settings.rotate_ms.map_or(0, |ms| now.0.div_euclid(ms));
        let current = match self.current.take() {
            Some(current) if is_same(&current.file, &self.path) => self.whole(current)?,
            // At the first batch, and when somebody has moved the file away.
            _ => self.begin(period)?,
        };
        let full = current.bytes > 0 && current.bytes + lines.len() as u64 > self.settings.rotate_bytes;
        let mut current = if full || current.period != period && current.bytes > 0 {
            drop(current);
            turnover::turn_over(&self.path, now, self.settings.compression)?;
            self.begin(period)?
        } else {
            Current { period, ..current }
        };
        let written = current.file.write_all(lines).and_then(|()| current.file.sync_data());
        if let Err(error) = written {
            // What is half there would be there again.
            if current.file.set_len(current.bytes).is_err() {
                self.current = Some(Current { torn: true, ..current });
            }
            return Err(error);
        }
        current.bytes += lines.len() as u64;
        let bytes = current.bytes;
        self.current = Some(current);
        Ok(bytes)
    }

    /// Takes off what the disk kept before; each attempt to write would add to it.
    fn whole(&mut self, current: Current) -> io::Result<Current> {
        if current.torn
            && let Err(error) = current.file.set_len(current.bytes)
        {
            self.current = Some(current);
            return Err(error);
        }
        Ok(Current { torn: false, ..current })
    }

    fn begin(&self, period: i64) -> io::Result<Current> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        turnover::finish_what_was_interrupted(&self.path, self.settings.compression)?;
        let mut options = OpenOptions::new();
        options.create(true).read(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        let bytes = whole_lines(&mut file)?;
        let found = file.metadata()?;
        if found.len() > bytes {
            file.set_len(bytes)?;
        }
        file.sync_all()?;
        turnover::sync_folder(&self.path)?;
        let written = found.modified().ok().filter(|_| bytes > 0);
        let period = match (self.settings.rotate_ms, written) {
            (Some(ms), Some(at)) => epoch_ms(at).div_euclid(ms),
            _ => period,
        };
        Ok(Current { file, bytes, period, torn: false })
    }
}

fn epoch_ms(at: std::time::SystemTime) -> i64 {
    let since = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Where the last line ends. A piece of one is what a crash left of a batch that comes again.
fn whole_lines(file: &mut fs::File) -> io::Result<u64> {
    let mut end = file.metadata()?.len();
    let mut piece = vec![0; 64 * 1_024];
    while end > 0 {
        let from = end.saturating_sub(piece.len() as u64);
        file.seek(SeekFrom::Start(from))?;
        let read = &mut piece[..usize::try_from(end - from).unwrap_or_default()];
        file.read_exact(read)?;
        if let Some(at) = read.iter().rposition(|byte| *byte == b'\n') {
            return Ok(from + at as u64 + 1);
        }
        end = from;
    }
    Ok(0)
}

/// Whether the path still leads to the file that is open.
fn is_same(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

fn fault(path: &Path, error: &io::Error) -> SinkError {
    use io::ErrorKind as Kind;
    let reason = format!("write {}: {error}", path.display());
    match error.kind() {
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem | Kind::IsADirectory | Kind::NotADirectory => {
            SinkError::misconfigured(reason, "name a place that this user may write to")
        }
        _ => SinkError::retry(reason),
    }
}

impl Sink for FileSink {
    fn deliver<'a>(&'a mut self, batch: &'a [Item]) -> BoxFuture<'a, Result<Receipt, SinkError>> {
        let mut lines = Vec::with_capacity(batch.iter().map(|item| item.body.len() + 1).sum());
        for item in batch {
            lines.extend_from_slice(&item.body);
            lines.push(b'\n');
        }
        Box::pin(async move {
            let (path, settings, clock) = (self.path.clone(), self.settings.clone(), self.clock);
            let mut work = Self { path, settings, clock, current: self.current.take() };
            let worked = tokio::task::spawn_blocking(move || {
                let written = work.write(&lines);
                (work, written)
            });
            let Ok((work, written)) = worked.await else {
                return Err(SinkError::retry("the write was given up"));
            };
            self.current = work.current;
            match written {
                Ok(bytes) => Ok(Receipt(format!("{} bytes in {}", bytes, self.path.display()))),
                Err(error) => Err(fault(&self.path, &error)),
            }
        })
    }
}

#[cfg(test)]
mod tests;
