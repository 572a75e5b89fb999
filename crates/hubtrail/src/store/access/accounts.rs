//! The accounts of a person or a token as a column: null for all, else a JSON list of connector ids.

use rusqlite::Row;

use super::super::StoreError;
use crate::access::{Accounts, Role};
use crate::connector::ConnectorId;

pub(super) fn read(row: &Row<'_>, column: usize) -> Result<Accounts, StoreError> {
    let Some(text) = row.get::<_, Option<String>>(column)? else { return Ok(Accounts::All) };
    let ids: Vec<i64> =
        serde_json::from_str(&text).map_err(|error| StoreError::unreadable("a list of accounts", &error))?;
    Ok(Accounts::Some(ids.into_iter().map(ConnectorId).collect()))
}

pub(super) fn role(row: &Row<'_>, column: usize) -> Result<Role, StoreError> {
    row.get::<_, String>(column)?.parse().map_err(|error| StoreError::unreadable("a role", &error))
}
