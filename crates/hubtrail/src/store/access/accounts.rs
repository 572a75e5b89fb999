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

pub(super) fn write(accounts: &Accounts) -> Option<String> {
    match accounts {
        Accounts::All => None,
        Accounts::Some(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            Some(format!("[{}]", ids.join(",")))
        }
    }
}

/// The connector that an entry of the audit trail is about when rights over one alone were given.
pub(super) fn the_only_one(accounts: &Accounts) -> Option<ConnectorId> {
    match accounts {
        Accounts::Some(ids) if ids.len() == 1 => ids.first().copied(),
        _ => None,
    }
}

/// As the audit trail writes it, by number: a connector's name may change.
pub(super) fn words(accounts: &Accounts) -> String {
    match accounts {
        Accounts::All => "all accounts".to_owned(),
        Accounts::Some(ids) if ids.is_empty() => "no account".to_owned(),
        Accounts::Some(ids) => {
            let ids: Vec<String> = ids.iter().map(|id| format!("#{id}")).collect();
            format!("accounts {}", ids.join(" "))
        }
    }
}

pub(super) fn role(row: &Row<'_>, column: usize) -> Result<Role, StoreError> {
    row.get::<_, String>(column)?.parse().map_err(|error| StoreError::unreadable("a role", &error))
}
