//! The way in before there is anybody: a link with a random key, printed once where the operator looks.
//! Only its digest is kept, in memory; it ends with its use, with the first user, or with the process.

use std::sync::{Mutex, PoisonError};

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::Origin;
use super::sign_in::{SignedIn, start_session};
use crate::access::{Accounts, Actor, Digest, Role, digest, fresh, name as checked};
use crate::http::{App, Problem};
use crate::secret::SecretError;
use crate::store::NewUser;

#[derive(Default)]
pub struct Setup(Mutex<Option<Digest>>);

impl Setup {
    /// A new link below `base` (`http://127.0.0.1:8787`); the one before leads nowhere from now on.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn link(&self, base: &str) -> Result<SecretString, SecretError> {
        let key = fresh("")?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(digest(key.expose_secret()));
        let base = base.trim_end_matches('/');
        Ok(SecretString::from(format!("{base}/setup?key={}", key.expose_secret())))
    }

    /// Whether the key is the one of the link, without using it up.
    #[must_use]
    pub fn opens(&self, key: &SecretString) -> bool {
        let given = digest(key.expose_secret());
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.is_some_and(|kept| kept.ct_eq(&given).into())
    }

    fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Makes the first user, an administrator of everything, and signs them in.
///
/// # Errors
/// When the key is not the one of the link, there is a user already, or the name or password is refused.
pub async fn set_up(
    app: &App,
    key: &SecretString,
    name: String,
    password: SecretString,
    origin: Origin,
) -> Result<SignedIn, Problem> {
    let setup = &app.gate.setup;
    if !setup.opens(key) {
        return Err(Problem::invalid(
            "key",
            "this set-up link leads nowhere: it was used, or the server has started anew",
            "use the link that `hubtrail serve` printed when it started last; it prints one as long as there is no user",
        ));
    }
    let name = checked(&name)?;
    let password = app.gate.hash_new(&name, password).await?;
    let (actor, now) = (Actor::set_up(origin), app.clock.now());
    let user = app
        .log(move |store| {
            let new = NewUser { name, password, role: Role::Admin, accounts: Accounts::All };
            store.create_first_user(new, &actor, now)
        })
        .await?;
    setup.close();
    start_session(app, user, origin).await
}
