//! The key file: 32 random bytes as hexadecimal digits, readable by its owner only. It is put in place
//! whole or not at all, and never replaced.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::SecretError;
use crate::ownership::{self, give_to_owner_of_folder};

const FILE: &str = "secret.key";

pub(super) fn read_or_create(dir: &Path) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    match read(dir) {
        Err(SecretError::NoKey(path)) => {
            create(dir, &path)?;
            read(dir)
        }
        other => other,
    }
}

pub(super) fn read(dir: &Path) -> Result<Zeroizing<[u8; 32]>, SecretError> {
    let path = dir.join(FILE);
    let text = match fs::read(&path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(SecretError::NoKey(path)),
        Err(error) => return Err(SecretError::io("read the key file", &path, error)),
    };
    refuse_if_others_can_read(&path)?;
    std::str::from_utf8(&text)
        .ok()
        .and_then(decode)
        .ok_or_else(|| SecretError::NotAKey { place: format!("the key file {}", path.display()) })
}

/// Reads both forms in which people keep 32 bytes.
pub(super) fn decode(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim();
    let mut key = Zeroizing::new([0; 32]);
    if text.len() == 64 {
        hex::decode_to_slice(text, key.as_mut_slice()).ok()?;
    } else {
        let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
        key.copy_from_slice(<&[u8; 32]>::try_from(bytes.as_slice()).ok()?);
    }
    Some(key)
}

/// Of two processes that create it at once, one wins and both read the same.
fn create(dir: &Path, path: &Path) -> Result<(), SecretError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut_slice()).map_err(SecretError::NoRandomness)?;
    let mut suffix = [0; 8];
    getrandom::fill(&mut suffix).map_err(SecretError::NoRandomness)?;
    let draft = dir.join(format!("{FILE}.{}", hex::encode(suffix)));
    let placed = write(&draft, &key).and_then(|()| {
        // A link never replaces the other's key. Where there are no links, nobody races in practice.
        let named = match fs::hard_link(&draft, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&draft, path),
            _ => fs::remove_file(&draft),
        };
        named
            .and_then(|()| sync_dir(dir))
            .map_err(|error| SecretError::io("put the key file in place", path, error))
    });
    if placed.is_err() {
        // Nobody would know what it is. It may be gone already.
        drop(fs::remove_file(&draft));
    }
    placed
}

fn write(draft: &Path, key: &[u8; 32]) -> Result<(), SecretError> {
    let io = |operation| move |error| SecretError::io(operation, draft, error);
    let mut file = ownership::create(draft).map_err(io("create the key file"))?;
    give_to_owner_of_folder(&file, draft).map_err(io("give the key file to the owner of its folder"))?;
    let digits = Zeroizing::new(hex::encode(key));
    writeln!(file, "{}", *digits).and_then(|()| file.sync_all()).map_err(io("write the key file"))
}

/// A new name is durable only when its directory is.
fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn refuse_if_others_can_read(path: &Path) -> Result<(), SecretError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata =
        fs::metadata(path).map_err(|error| SecretError::io("read the key file's mode", path, error))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(SecretError::TooOpen { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_if_others_can_read(_path: &Path) -> Result<(), SecretError> {
    Ok(())
}
