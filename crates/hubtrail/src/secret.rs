//! Sealing of secrets at rest: one key beside the log (or given by the environment), and every value
//! bound to the account and the field it belongs to, so that it cannot be moved to another.
//!
//! Nothing here implements `Debug` or `Serialize` over a secret, and no error repeats one.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hubtrail_core::identity::AccountKey;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

mod keyfile;

/// The form of a sealed value: version, which key, nonce, and what was sealed with its tag.
const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = 1 + KEY_ID_BYTES + NONCE_BYTES;

/// A value that only the keyring opens.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

/// What a sealed value belongs to; it opens nowhere else.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub account: &'a AccountKey,
    pub field: &'a str,
}

impl Context<'_> {
    /// The field under which a connector's HubSpot token is sealed.
    pub const TOKEN: &'static str = "token";
    /// The field under which the means of a public app are sealed.
    pub const OAUTH: &'static str = "oauth";
    /// The field under which what opens a sink's receiver is sealed.
    pub const SINK: &'static str = "sink credentials";

    /// The field under which what opens an alert channel's service is sealed.
    pub const ALERT: &'static str = "alert secret";

    fn associated_data(self) -> Vec<u8> {
        let mut data = vec![VERSION];
        for part in [self.account.0.as_bytes(), self.field.as_bytes()] {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part);
        }
        data
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    #[error("there is no key at {}: restore it from where you keep it, or give every token and secret again", .0.display())]
    NoKey(PathBuf),
    #[error("the key file {} can be read by others (mode {mode:o}): run `chmod 600 {}`", path.display(), path.display())]
    TooOpen { path: PathBuf, mode: u32 },
    #[error(
        "{place} does not hold a key: it must be 32 bytes, as 64 hexadecimal digits or as base64 (`openssl rand -hex 32`)"
    )]
    NotAKey { place: String },
    #[error(
        "the {field} of account `{account}` was sealed under another key ({sealed_under}, this one is {ours}): \
         restore that key, or set the {field} again"
    )]
    OtherKey { account: String, field: String, sealed_under: String, ours: String },
    #[error(
        "the sealed {field} of account `{account}` is damaged or belongs elsewhere: set the {field} again"
    )]
    Damaged { account: String, field: String },
    #[error("the disk that holds {} is full: free some space, then do it again", .0.display())]
    DiskFull(PathBuf),
    #[error("{operation} {}: {error}; check that the path is right and that this user may use it", path.display())]
    Io { operation: &'static str, path: PathBuf, error: std::io::Error },
    #[error("the operating system gave no random bytes: {0}")]
    NoRandomness(getrandom::Error),
}

impl SecretError {
    fn io(operation: &'static str, path: &Path, error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull(path.to_owned()),
            _ => Self::Io { operation, path: path.to_owned(), error },
        }
    }
}

/// The key of one data directory.
#[derive(Clone)]
pub struct Keyring {
    key: Arc<Zeroizing<[u8; 32]>>,
    id: [u8; KEY_ID_BYTES],
}

impl Keyring {
    /// The key from the environment if there is one, else `dir/secret.key`, which is created if it is missing.
    ///
    /// # Errors
    /// When the key cannot be read, is not one, or may be read by others.
    pub fn open(dir: &Path, from_environment: Option<SecretString>) -> Result<Self, SecretError> {
        match from_environment {
            Some(text) => Self::from_text(text.expose_secret(), "the key in the environment"),
            None => keyfile::read_or_create(dir).map(Self::new),
        }
    }

    /// As [`Keyring::open`], for a directory whose secrets exist: a new key could not open them.
    ///
    /// # Errors
    /// Also when there is no key.
    pub fn open_existing(dir: &Path, from_environment: Option<SecretString>) -> Result<Self, SecretError> {
        match from_environment {
            Some(text) => Self::from_text(text.expose_secret(), "the key in the environment"),
            None => keyfile::read(dir).map(Self::new),
        }
    }

    fn from_text(text: &str, place: &str) -> Result<Self, SecretError> {
        let key = keyfile::decode(text).ok_or_else(|| SecretError::NotAKey { place: place.to_owned() })?;
        Ok(Self::new(key))
    }

    fn new(key: Zeroizing<[u8; 32]>) -> Self {
        let digest = Sha256::new().chain_update("hubtrail key id").chain_update(key.as_slice()).finalize();
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&digest[..KEY_ID_BYTES]);
        Self { key: Arc::new(key), id }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&**self.key).into())
    }

    /// # Errors
    /// When there is no randomness for a nonce.
    pub fn seal(&self, context: Context<'_>, secret: &SecretString) -> Result<Sealed, SecretError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(SecretError::NoRandomness)?;
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: &context.associated_data() };
        let boxed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| SecretError::damaged(context))?;
        let mut sealed = Vec::with_capacity(HEAD_BYTES + boxed.len());
        sealed.push(VERSION);
        sealed.extend(self.id);
        sealed.extend(nonce);
        sealed.extend(boxed);
        Ok(Sealed(sealed))
    }

    /// # Errors
    /// When it was sealed under another key, for something else, or is damaged.
    pub fn unseal(&self, context: Context<'_>, sealed: &Sealed) -> Result<SecretString, SecretError> {
        let (head, boxed) =
            sealed.0.split_at_checked(HEAD_BYTES).ok_or_else(|| SecretError::damaged(context))?;
        let (version, rest) = head.split_first().ok_or_else(|| SecretError::damaged(context))?;
        let (id, nonce) = rest.split_at(KEY_ID_BYTES);
        if *version != VERSION {
            return Err(SecretError::damaged(context));
        }
        if id != self.id {
            return Err(SecretError::OtherKey {
                account: context.account.0.clone(),
                field: context.field.to_owned(),
                sealed_under: hex::encode(id),
                ours: hex::encode(self.id),
            });
        }
        let nonce = XNonce::try_from(nonce).map_err(|_| SecretError::damaged(context))?;
        let payload = Payload { msg: boxed, aad: &context.associated_data() };
        let plain = self.cipher().decrypt(&nonce, payload).map_err(|_| SecretError::damaged(context))?;
        let plain = Zeroizing::new(plain);
        let text = std::str::from_utf8(&plain).map_err(|_| SecretError::damaged(context))?;
        Ok(SecretString::from(text))
    }
}

impl SecretError {
    pub(crate) fn damaged(context: Context<'_>) -> Self {
        Self::Damaged { account: context.account.0.clone(), field: context.field.to_owned() }
    }
}

#[cfg(test)]
mod tests;
