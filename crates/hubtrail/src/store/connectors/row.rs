//! One connector as a row of the log, there and back.

use hubtrail_core::identity::AccountKey;
use hubtrail_core::time::UtcMs;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::connector::{Connector, ConnectorId, Settings};
use crate::secret::Sealed;
use crate::store::StoreError;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, account, base_url, api_version, start, poll_interval_ms, rate_limit, page_size, paused, ",
            "sealed_token, created_at, portal_id, time_zone, removed, labels, sealed_oauth, ",
            "declared_in IS NOT NULL, revision, retention, alert_budget FROM connector ",
            $rest
        )
    };
}
pub(super) use select;

pub(super) fn insert(conn: &Connection, connector: &Connector) -> Result<ConnectorId, StoreError> {
    let mut values = vec![Value::from(connector.account.0.clone()), connector.created_at.0.into()];
    values.extend(configured(connector));
    values.extend(sealed(connector));
    conn.prepare_cached(
        "INSERT INTO connector (account, created_at, name, base_url, api_version, start, poll_interval_ms, \
         rate_limit, page_size, paused, labels, retention, alert_budget, sealed_token, sealed_oauth) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params_from_iter(values))?;
    Ok(ConnectorId(conn.last_insert_rowid()))
}

/// The settings; the credentials stay.
pub(super) fn update(conn: &Connection, connector: &Connector) -> Result<(), StoreError> {
    let mut values = vec![Value::from(connector.id.0)];
    values.extend(configured(connector));
    conn.prepare_cached(
        "UPDATE connector SET name = ?2, base_url = ?3, api_version = ?4, start = ?5, poll_interval_ms = ?6, \
         rate_limit = ?7, page_size = ?8, paused = ?9, labels = ?10, retention = ?11, alert_budget = ?12 WHERE id = ?1",
    )?
    .execute(params_from_iter(values))?;
    Ok(())
}

pub(super) fn replace_credentials(conn: &Connection, connector: &Connector) -> Result<(), StoreError> {
    let mut values = vec![Value::from(connector.id.0)];
    values.extend(sealed(connector));
    let sql =
        "UPDATE connector SET sealed_token = ?2, sealed_oauth = ?3, revision = revision + 1 WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params_from_iter(values))?;
    Ok(())
}

fn sealed(connector: &Connector) -> [Value; 2] {
    let oauth = connector.sealed_oauth.as_ref().map(|sealed| sealed.0.clone());
    [connector.sealed_token.0.clone().into(), oauth.into()]
}

/// The settings, in the order in which both statements take them.
fn configured(connector: &Connector) -> [Value; 11] {
    let settings = &connector.settings;
    [
        settings.name.clone().into(),
        settings.base_url.to_string().into(),
        settings.api_version.as_str().to_owned().into(),
        settings.start.to_string().into(),
        settings.poll_interval_ms.into(),
        settings.rate_limit.to_string().into(),
        settings.page_size.into(),
        settings.paused.into(),
        serde_json::Value::from(settings.labels.clone()).to_string().into(),
        settings.retention.to_string().into(),
        settings.alert_budget.to_string().into(),
    ]
}

pub(super) fn read(row: &Row<'_>) -> Result<Connector, StoreError> {
    let text = |column| row.get::<_, String>(column);
    let damaged = |error: &dyn std::fmt::Display| StoreError::unreadable("a connector", error);
    Ok(Connector {
        id: ConnectorId(row.get(0)?),
        account: AccountKey(text(2)?),
        settings: Settings {
            name: text(1)?,
            base_url: text(3)?.parse().map_err(|error| damaged(&error))?,
            api_version: text(4)?.parse().map_err(|error| damaged(&error))?,
            start: text(5)?.parse().map_err(|error| damaged(&error))?,
            poll_interval_ms: row.get(6)?,
            rate_limit: text(7)?.parse().map_err(|error| damaged(&error))?,
            page_size: row.get(8)?,
            paused: row.get(9)?,
            labels: serde_json::from_str(&text(15)?).map_err(|error| damaged(&error))?,
            retention: text(19)?.parse().map_err(|error| damaged(&error))?,
            alert_budget: text(20)?.parse().map_err(|error| damaged(&error))?,
        },
        sealed_token: Sealed(row.get(10)?),
        sealed_oauth: row.get::<_, Option<Vec<u8>>>(16)?.map(Sealed),
        created_at: UtcMs(row.get(11)?),
        portal_id: row.get(12)?,
        time_zone: row.get(13)?,
        removed: row.get(14)?,
        declared: row.get(17)?,
        revision: row.get(18)?,
    })
}
