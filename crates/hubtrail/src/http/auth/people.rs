//! Managing people, for the REST API and the console alike. Administrators only, within their own reach:
//! the log checks the latter in the transaction that changes it.

use secrecy::SecretString;

use super::Origin;
use crate::access::{Accounts, Actor, Caller, Role, name as checked};
use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::store::{NewUser, User, UserChange};

pub(crate) struct NewPerson {
    pub(crate) name: String,
    pub(crate) password: SecretString,
    pub(crate) role: Role,
    /// None: all that the one who adds them sees.
    pub(crate) accounts: Option<Accounts>,
}

/// None stays as it is.
#[derive(Default)]
pub(crate) struct PersonChange {
    pub(crate) role: Option<Role>,
    pub(crate) accounts: Option<Accounts>,
    pub(crate) password: Option<SecretString>,
    pub(crate) disabled: Option<bool>,
}

pub(crate) async fn people(app: &App, caller: &Caller) -> Result<Vec<User>, Problem> {
    caller.must_be(Role::Admin)?;
    let within = caller.accounts.clone();
    app.log(move |store| store.users(&within)).await
}

/// Whom work in an account can be given to: those who may sign in and see it. For whoever works in it themselves.
pub(crate) async fn people_of(
    app: &App,
    caller: &Caller,
    account: ConnectorId,
) -> Result<Vec<User>, Problem> {
    caller.must_be(Role::Analyst)?;
    let users = app.log(|store| store.users(&Accounts::All)).await?;
    let sees = |user: &User| !user.disabled && user.accounts.contain(account);
    Ok(users.into_iter().filter(|user| caller.sees(account) && sees(user)).collect())
}

pub(crate) async fn create_person(
    app: &App,
    caller: &Caller,
    origin: Origin,
    new: NewPerson,
) -> Result<User, Problem> {
    caller.must_be(Role::Admin)?;
    let name = checked(&new.name)?;
    let accounts = new.accounts.unwrap_or_else(|| caller.accounts.clone());
    let password = app.gate.hash_new(&name, new.password).await?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let new = NewUser { name, password, role: new.role, accounts };
    app.log(move |store| store.create_user(new, &actor, now)).await
}

pub(crate) async fn change_person(
    app: &App,
    caller: &Caller,
    origin: Origin,
    id: i64,
    change: PersonChange,
) -> Result<User, Problem> {
    caller.must_be(Role::Admin)?;
    let PersonChange { role, accounts, password, disabled } = change;
    let password = match password {
        Some(password) => {
            let known = people(app, caller).await?;
            let name = known.into_iter().find(|user| user.id == id).map(|user| user.name).unwrap_or_default();
            Some(app.gate.hash_new(&name, password).await?)
        }
        None => None,
    };
    let change = UserChange { role, accounts, password, disabled };
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| store.change_user(id, change, &actor, now)).await
}

pub(crate) async fn delete_person(
    app: &App,
    caller: &Caller,
    origin: Origin,
    id: i64,
) -> Result<(), Problem> {
    caller.must_be(Role::Admin)?;
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    app.log(move |store| store.delete_user(id, &actor, now)).await
}
