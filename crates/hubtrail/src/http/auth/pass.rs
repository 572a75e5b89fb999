//! A link that signs in as one user, for as long as the process lives. Only the demo hands one out: its
//! account is emulated, it listens on loopback, and nobody should have to think of a password to look at it.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::Origin;
use super::sign_in::{SignedIn, start_session};
use crate::access::{Digest, digest, fresh};
use crate::http::{App, Problem};
use crate::secret::SecretError;
use crate::store::User;

#[derive(Default)]
pub struct Pass(Mutex<Option<(Digest, User)>>);

impl Pass {
    /// The link below `base` (`http://127.0.0.1:8787`); the one before leads nowhere from now on.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn link(&self, base: &str, user: User) -> Result<SecretString, SecretError> {
        let key = fresh("")?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((digest(key.expose_secret()), user));
        let base = base.trim_end_matches('/');
        Ok(SecretString::from(format!("{base}/enter?key={}", key.expose_secret())))
    }

    fn user(&self, key: &SecretString) -> Option<User> {
        let given = digest(key.expose_secret());
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(kept, _)| kept.ct_eq(&given).into()).map(|(_, user)| user.clone())
    }
}

/// # Errors
/// When the key is not the one of the link.
pub async fn enter(app: &App, key: &SecretString, origin: Origin) -> Result<SignedIn, Problem> {
    let Some(user) = app.gate.pass.user(key) else {
        return Err(Problem::invalid(
            "key",
            "this link leads nowhere: the demo that printed it has ended",
            "start `hubtrail demo` again and use the link that it prints",
        ));
    };
    start_session(app, user, origin).await
}
