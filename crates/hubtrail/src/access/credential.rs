//! Random secrets that are given to somebody once: tokens, sessions, the key of the set-up link. What is
//! kept of them is a digest, which signs nobody in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::secret::SecretError;

/// With it, a scanner of repositories and logs recognises a token of Hubtrail's.
pub const TOKEN_PREFIX: &str = "ht_";

/// A digest needs no salt: nobody guesses 32 random bytes.
pub type Digest = [u8; 32];

/// A new secret of 32 random bytes.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn fresh(prefix: &str) -> Result<SecretString, SecretError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(SecretError::NoRandomness)?;
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
    Ok(SecretString::from(format!("{prefix}{}", *text)))
}

#[must_use]
pub fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

/// The beginning of a token, by which a person tells it from others.
#[must_use]
pub fn hint(token: &SecretString) -> String {
    const SHOWN: usize = TOKEN_PREFIX.len() + 4;
    token.expose_secret().chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_secrets_are_alike_and_a_hint_is_far_from_one() {
        let (one, other) = (fresh(TOKEN_PREFIX).unwrap(), fresh(TOKEN_PREFIX).unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(one.expose_secret().len(), 3 + 43);
        assert_eq!(hint(&one).len(), 7);
        assert!(one.expose_secret().starts_with(&hint(&one)));
    }
}
