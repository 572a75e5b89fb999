//! Turning a file over: it is moved aside under the time, packed into a partial file, and the whole one
//! appears by a rename. Whatever is interrupted is finished, or begun again, the next time.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use hubtrail_core::time::UtcMs;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::Compression;

const PARTIAL: &str = "partial";
const FRAME_BYTES: usize = 4 * 1_024 * 1_024;

impl Compression {
    const fn ending(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Gzip => Some("gz"),
            Self::Zstd => Some("zst"),
        }
    }
}

pub(super) fn turn_over(path: &Path, now: UtcMs, compression: Compression) -> io::Result<()> {
    let mut aside = aside(path, now, 0);
    let mut n = 0;
    while taken(&aside, compression) {
        n += 1;
        aside = self::aside(path, now, n);
    }
    fs::rename(path, &aside)?;
    sync_folder(path)?;
    pack(&aside, compression)
}

/// Files that were moved aside are packed, as they were meant to be.
pub(super) fn finish_what_was_interrupted(path: &Path, compression: Compression) -> io::Result<()> {
    if compression == Compression::None {
        return Ok(());
    }
    let Some(folder) = path.parent() else { return Ok(()) };
    for entry in fs::read_dir(folder)? {
        let found = entry?.path();
        if is_aside(path, &found) {
            pack(&found, compression)?;
        }
    }
    Ok(())
}

/// `hubspot.ndjson` becomes `hubspot-20260310T143218123Z.ndjson`.
fn aside(path: &Path, now: UtcMs, n: u32) -> PathBuf {
    let (stem, ending) = parts(path);
    let time: String = now.to_string().chars().filter(|c| !matches!(c, '-' | ':' | '.')).collect();
    let more = if n == 0 { String::new() } else { format!("-{n}") };
    path.with_file_name(format!("{stem}-{time}{more}{ending}"))
}

/// Whether a file beside it is one that was moved aside and not packed yet.
fn is_aside(path: &Path, found: &Path) -> bool {
    let (stem, ending) = parts(path);
    let name = found.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    let Some(middle) = name.strip_prefix(&format!("{stem}-")).and_then(|rest| rest.strip_suffix(&ending))
    else {
        return false;
    };
    let time = middle.split('-').next().unwrap_or_default();
    let is_time = time.len() == "20260310T143218123Z".len()
        && time.ends_with('Z')
        && time.chars().all(|c| c.is_ascii_digit() || matches!(c, 'T' | 'Z'));
    is_time && middle[time.len()..].chars().all(|c| c == '-' || c.is_ascii_digit())
}

/// The name before its ending, and the ending with its dot.
fn parts(path: &Path) -> (String, String) {
    let text = |part: Option<&OsStr>| part.map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    let ending = path.extension().map_or_else(String::new, |_| format!(".{}", text(path.extension())));
    (text(path.file_stem()), ending)
}

fn taken(aside: &Path, compression: Compression) -> bool {
    aside.exists() || packed(aside, compression).is_some_and(|packed| packed.exists())
}

fn packed(aside: &Path, compression: Compression) -> Option<PathBuf> {
    compression.ending().map(|ending| with_more(aside, ending))
}

fn with_more(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn pack(aside: &Path, compression: Compression) -> io::Result<()> {
    let Some(packed) = packed(aside, compression) else { return Ok(()) };
    let partial = with_more(&packed, PARTIAL);
    let mut from = BufReader::new(fs::File::open(aside)?);
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let to = BufWriter::new(options.open(&partial)?);
    let to = match compression {
        Compression::Gzip => {
            let mut encoder = GzEncoder::new(to, flate2::Compression::default());
            io::copy(&mut from, &mut encoder)?;
            encoder.finish()?
        }
        Compression::Zstd => {
            let mut to = to;
            // Frames one after the other are one file to every reader.
            let mut piece = Vec::with_capacity(FRAME_BYTES);
            while (&mut from).take(FRAME_BYTES as u64).read_to_end(&mut piece)? > 0 {
                to.write_all(&compress_to_vec(piece.as_slice(), CompressionLevel::Fastest))?;
                piece.clear();
            }
            to
        }
        Compression::None => to,
    };
    let mut file = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.flush()?;
    file.sync_all()?;
    fs::rename(&partial, &packed)?;
    sync_folder(&packed)?;
    fs::remove_file(aside)?;
    sync_folder(aside)
}

/// A name is on the disk when its folder is.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_taken_for_files_moved_aside() {
        let path = Path::new("/x/hubspot.ndjson");
        let now: UtcMs = "2026-03-10T14:32:18.123Z".parse().unwrap();
        let first = aside(path, now, 0);
        assert_eq!(first, Path::new("/x/hubspot-20260310T143218123Z.ndjson"));
        assert!(is_aside(path, &first) && is_aside(path, &aside(path, now, 2)));
        for other in [
            "hubspot.ndjson",
            "hubspot-old.ndjson",
            "hubspot-20260310T143218123Z.ndjson.zst",
            "hubspot-20260310T143218123Z-x.ndjson",
            "other-20260310T143218123Z.ndjson",
        ] {
            assert!(!is_aside(path, &Path::new("/x").join(other)), "{other}");
        }
        let bare = Path::new("/x/log");
        assert!(is_aside(bare, &aside(bare, now, 0)));
    }
}
