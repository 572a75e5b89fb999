//! Whoever runs the demo looks at its console without thinking of a password.

use anyhow::Context;
use secrecy::{ExposeSecret as _, SecretString};

use crate::access::{Accounts, Actor, PasswordHash, Role, fresh};
use crate::http::App;
use crate::store::NewUser;

const NAME: &str = "demo";

/// The console's address: signed in where this is the first user, else where one signs in.
pub(super) fn address(app: &App, url: &str) -> anyhow::Result<String> {
    if app.store.has_users()? {
        return Ok(format!("{url}/"));
    }
    // Nobody is told the password: the link is the only way in.
    let password = PasswordHash::of(&fresh("")?).context("make the user of the demo")?;
    let new = NewUser { name: NAME.to_owned(), password, role: Role::Admin, accounts: Accounts::All };
    let user = app.store.create_first_user(new, &Actor::command_line(), app.clock.now())?;
    let link: SecretString = app.gate.pass.link(url, user)?;
    Ok(link.expose_secret().to_owned())
}
