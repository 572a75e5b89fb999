//! Tokens for programs. Of each there is a digest; the token itself was shown once, to whoever made it.
//! A revoked one stays in the list, because the audit trail speaks of it.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, Row, params};

use super::super::audit::{self, NewAudit};
use super::super::{Store, StoreError};
use super::accounts;
use crate::access::{Accounts, Actor, Digest, Refusal, Role, name};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: i64,
    pub name: String,
    /// Its first characters.
    pub hint: String,
    pub role: Role,
    pub accounts: Accounts,
    pub created_at: UtcMs,
    pub created_by: String,
    pub expires_at: Option<UtcMs>,
    pub used_at: Option<UtcMs>,
    pub revoked_at: Option<UtcMs>,
}

#[derive(Clone, Debug)]
pub struct NewToken {
    pub name: String,
    pub digest: Digest,
    pub hint: String,
    pub role: Role,
    pub accounts: Accounts,
    pub expires_at: Option<UtcMs>,
}

const SELECT: &str = "SELECT id, name, hint, role, accounts, created_at, created_by, expires_at, used_at, revoked_at FROM token";

impl Store {
    /// Newest first, as far as the accounts of those who ask reach.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn tokens(&self, within: &Accounts) -> Result<Vec<Token>, StoreError> {
        let tokens = self.read(|conn| {
            let mut statement = conn.prepare_cached(&format!("{SELECT} ORDER BY id DESC"))?;
            let mut rows = statement.query([])?;
            let mut tokens = Vec::new();
            while let Some(row) = rows.next()? {
                tokens.push(read(row)?);
            }
            Ok(tokens)
        })?;
        Ok(tokens.into_iter().filter(|token| within.include(&token.accounts)).collect())
    }

    /// # Errors
    /// When the actor has not the rights that it would give, or it could not be stored.
    pub fn create_token(&self, new: NewToken, actor: &Actor, at: UtcMs) -> Result<Token, StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            if !actor.reaches(new.role, &new.accounts) {
                return Err(Refusal::Beyond.into());
            }
            let name = name(&new.name)?;
            conn.prepare_cached(
                "INSERT INTO token (name, digest, hint, role, accounts, created_at, created_by, expires_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                name,
                new.digest,
                new.hint,
                new.role.as_str(),
                accounts::write(&new.accounts),
                at.0,
                actor.name,
                new.expires_at.map(|at| at.0),
            ])?;
            let token = find(conn, conn.last_insert_rowid())?;
            let until = token.expires_at.map_or_else(|| "no end".to_owned(), |at| format!("until {at}"));
            let detail = format!("{}, {}, {until}", token.role, accounts::words(&token.accounts));
            audit::append(conn, &about(&token, &actor, "token.create").detail(detail), at)?;
            Ok(token)
        })
    }

    /// From now on nobody gets in with it. Revoking it again changes nothing.
    ///
    /// # Errors
    /// When the actor does not see such a token, or it could not be stored.
    pub fn revoke_token(&self, id: i64, actor: &Actor, at: UtcMs) -> Result<Token, StoreError> {
        let actor = actor.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            let token = find(conn, id)?;
            if !actor.accounts.include(&token.accounts) {
                return Err(Refusal::NoToken(id).into());
            }
            if token.revoked_at.is_some() {
                return Ok(token);
            }
            conn.prepare_cached("UPDATE token SET revoked_at = ?2 WHERE id = ?1")?
                .execute(params![id, at.0])?;
            audit::append(conn, &about(&token, &actor, "token.revoke"), at)?;
            Ok(Token { revoked_at: Some(at), ..token })
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn token_used(&self, id: i64, at: UtcMs) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE token SET used_at = max(coalesce(used_at, ?2), ?2) WHERE id = ?1";
            writer.conn.prepare_cached(sql)?.execute(params![id, at.0])?;
            Ok(())
        })
    }
}

fn about(token: &Token, actor: &Actor, action: &'static str) -> NewAudit {
    let object = format!("{} ({}…)", token.name, token.hint);
    NewAudit::by(actor, action, object).connector(accounts::the_only_one(&token.accounts))
}

fn find(conn: &Connection, id: i64) -> Result<Token, StoreError> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?;
    let mut rows = statement.query([id])?;
    let row = rows.next()?.ok_or(Refusal::NoToken(id))?;
    read(row)
}

fn read(row: &Row<'_>) -> Result<Token, StoreError> {
    let time = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(UtcMs));
    Ok(Token {
        id: row.get(0)?,
        name: row.get(1)?,
        hint: row.get(2)?,
        role: accounts::role(row, 3)?,
        accounts: accounts::read(row, 4)?,
        created_at: UtcMs(row.get(5)?),
        created_by: row.get(6)?,
        expires_at: time(7)?,
        used_at: time(8)?,
        revoked_at: time(9)?,
    })
}
