//! People. Nobody manages somebody who may do or see more than they may themselves, and there is always
//! somebody left who administers all accounts: both are checked in the transaction that changes it.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::super::audit::{self, NewAudit};
use super::super::{Store, StoreError};
use super::{accounts, sessions};
use crate::access::{Accounts, Actor, PasswordHash, Refusal, Role, name};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: i64,
    pub name: String,
    pub role: Role,
    pub accounts: Accounts,
    pub created_at: UtcMs,
    pub signed_in_at: Option<UtcMs>,
    pub disabled: bool,
}

#[derive(Clone, Debug)]
pub struct NewUser {
    pub name: String,
    pub password: PasswordHash,
    pub role: Role,
    pub accounts: Accounts,
}

/// What is to change; none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    pub role: Option<Role>,
    pub accounts: Option<Accounts>,
    pub password: Option<PasswordHash>,
    pub disabled: Option<bool>,
}

const SELECT: &str = "SELECT id, name, role, accounts, created_at, signed_in_at, disabled FROM user";

impl Store {
    /// By name, as far as the accounts of those who ask reach.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn users(&self, within: &Accounts) -> Result<Vec<User>, StoreError> {
        let users = self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} ORDER BY name"))?;
            let mut rows = statement.query([])?;
            let mut users = Vec::new();
            while let Some(row) = rows.next()? {
                users.push(read(row)?);
            }
            Ok(users)
        })?;
        Ok(users.into_iter().filter(|user| within.include(&user.accounts)).collect())
    }

    /// # Errors
    /// When there is no such user, or the log cannot be read.
    pub fn user_named(&self, name: &str) -> Result<User, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE name = ?1"))?;
            let mut rows = statement.query([name.trim()])?;
            rows.next()?.map_or_else(|| Err(Refusal::NoUser(format!("`{name}`")).into()), read)
        })
    }

    /// Whether somebody can sign in at all; if not, the set-up link is the way in.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn has_users(&self) -> Result<bool, StoreError> {
        self.read(has_any)
    }

    /// The number and the hash of a user who may sign in. None: there is none of that name, or not any more.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn password_of(&self, name: &str) -> Result<Option<(User, PasswordHash)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, name, role, accounts, created_at, signed_in_at, disabled, password_hash \
                       FROM user WHERE name = ?1 AND disabled = 0";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([name.trim()])?;
            let Some(row) = rows.next()? else { return Ok(None) };
            Ok(Some((read(row)?, PasswordHash(row.get(7)?))))
        })
    }

    /// # Errors
    /// When the name is taken, the actor has not the rights that are given, or it could not be stored.
    pub fn create_user(&self, new: NewUser, actor: &Actor, at: UtcMs) -> Result<User, StoreError> {
        let actor = actor.clone();
        self.write(move |writer| create(&writer.conn, &new, &actor, at))
    }

    /// The first user, who administers everything.
    ///
    /// # Errors
    /// When there is somebody already, or it could not be stored.
    pub fn create_first_user(&self, new: NewUser, actor: &Actor, at: UtcMs) -> Result<User, StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            if has_any(&writer.conn)? {
                return Err(Refusal::SetUpDone.into());
            }
            create(&writer.conn, &new, &actor, at)
        })
    }

    /// A new password, or being disabled, ends the user's sessions.
    ///
    /// # Errors
    /// When the actor does not see such a user or has not the rights that are given, when nobody would be
    /// left to administer, or it could not be stored.
    pub fn change_user(
        &self,
        id: i64,
        change: UserChange,
        actor: &Actor,
        at: UtcMs,
    ) -> Result<User, StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            let before = managed(conn, id, &actor)?;
            let after = User {
                role: change.role.unwrap_or(before.role),
                accounts: change.accounts.clone().unwrap_or_else(|| before.accounts.clone()),
                disabled: change.disabled.unwrap_or(before.disabled),
                ..before.clone()
            };
            if !actor.reaches(after.role, &after.accounts) {
                return Err(Refusal::Beyond.into());
            }
            let sql = "UPDATE user SET role = ?2, accounts = ?3, disabled = ?4, \
                       password_hash = coalesce(?5, password_hash) WHERE id = ?1";
            let password = change.password.as_ref().map(|hash| &hash.0);
            let accounts = accounts::write(&after.accounts);
            conn.prepare_cached(sql)?.execute(params![
                id,
                after.role.as_str(),
                accounts,
                after.disabled,
                password
            ])?;
            must_leave_an_admin(conn, &before)?;
            if password.is_some() || after.disabled {
                sessions::end_all_of(conn, id)?;
            }
            let changed = changes(&before, &after, password.is_some());
            if !changed.is_empty() {
                audit::append(conn, &about(&after, &actor, "user.update").detail(changed), at)?;
            }
            Ok(after)
        })
    }

    /// # Errors
    /// When the actor does not see such a user, when nobody would be left to administer, or it could not
    /// be stored.
    pub fn delete_user(&self, id: i64, actor: &Actor, at: UtcMs) -> Result<(), StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            let user = managed(conn, id, &actor)?;
            conn.prepare_cached("DELETE FROM user WHERE id = ?1")?.execute([id])?;
            must_leave_an_admin(conn, &user)?;
            audit::append(conn, &about(&user, &actor, "user.delete"), at)
        })
    }
}

fn create(conn: &Connection, new: &NewUser, actor: &Actor, at: UtcMs) -> Result<User, StoreError> {
    if !actor.reaches(new.role, &new.accounts) {
        return Err(Refusal::Beyond.into());
    }
    let name = name(&new.name)?;
    let sql = "INSERT INTO user (name, password_hash, role, accounts, created_at) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (name) DO NOTHING";
    let accounts = accounts::write(&new.accounts);
    let row = params![name, new.password.0, new.role.as_str(), accounts, at.0];
    if conn.prepare_cached(sql)?.execute(row)? == 0 {
        return Err(Refusal::NameTaken(name).into());
    }
    let user = find(conn, conn.last_insert_rowid())?;
    let detail = format!("{}, {}", user.role, accounts::words(&user.accounts));
    audit::append(conn, &about(&user, actor, "user.create").detail(detail), at)?;
    Ok(user)
}

/// Whom the actor may not see, or who may do more, is not theirs to manage.
fn managed(conn: &Connection, id: i64, actor: &Actor) -> Result<User, StoreError> {
    let user = find(conn, id)?;
    if actor.accounts.include(&user.accounts) {
        if actor.reaches(user.role, &user.accounts) { Ok(user) } else { Err(Refusal::Beyond.into()) }
    } else {
        Err(Refusal::NoUser(format!("number {id}")).into())
    }
}

fn must_leave_an_admin(conn: &Connection, before: &User) -> Result<(), StoreError> {
    let was_one = before.role == Role::Admin && before.accounts == Accounts::All && !before.disabled;
    let sql = "SELECT 1 FROM user WHERE role = 'admin' AND accounts IS NULL AND disabled = 0";
    if was_one && !conn.prepare_cached(sql)?.exists([])? {
        return Err(Refusal::LastAdmin(before.name.clone()).into());
    }
    Ok(())
}

fn changes(before: &User, after: &User, password: bool) -> String {
    let mut said = Vec::new();
    if before.role != after.role {
        said.push(format!("role {} to {}", before.role, after.role));
    }
    if before.accounts != after.accounts {
        said.push(format!("{} to {}", accounts::words(&before.accounts), accounts::words(&after.accounts)));
    }
    if before.disabled != after.disabled {
        said.push(if after.disabled { "disabled" } else { "enabled" }.to_owned());
    }
    if password {
        said.push("new password".to_owned());
    }
    said.join(", ")
}

fn about(user: &User, actor: &Actor, action: &'static str) -> NewAudit {
    NewAudit::by(actor, action, &user.name).connector(accounts::the_only_one(&user.accounts))
}

fn has_any(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM user")?.exists([])?)
}

fn find(conn: &Connection, id: i64) -> Result<User, StoreError> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    rows.next()?.map_or_else(|| Err(Refusal::NoUser(format!("number {id}")).into()), read)
}

/// For a session: whoever was disabled or deleted since the password was checked gets none.
pub(super) fn enabled(conn: &Connection, id: i64) -> Result<User, StoreError> {
    let user = find(conn, id)?;
    if user.disabled { Err(Refusal::NoUser(format!("number {id}")).into()) } else { Ok(user) }
}

fn read(row: &Row<'_>) -> Result<User, StoreError> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        role: accounts::role(row, 2)?,
        accounts: accounts::read(row, 3)?,
        created_at: UtcMs(row.get(4)?),
        signed_in_at: row.get::<_, Option<i64>>(5)?.map(UtcMs),
        disabled: row.get(6)?,
    })
}
