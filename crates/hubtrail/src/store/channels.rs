//! Ways to people, as the log keeps them, and how telling over them goes. Secrets are sealed before they get here.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Position, Store, StoreError};
use crate::connector::Invalid;
use crate::notify::{Channel, ChannelId, Settings};
use crate::secret::{Keyring, Sealed};

/// The reader that alerts are made by. It is there as long as there is a channel.
pub const ALERTS: &str = "alerts";

pub struct NewChannel {
    pub settings: Settings,
    pub secret: Option<SecretString>,
    pub created_at: UtcMs,
}

const SELECT: &str = "SELECT id, settings, sealed, paused, created_at, succeeded_at, failure, fix, failed_at, retry_at, \
     attempts, revision FROM alert_channel";

impl Store {
    /// With what comes from now on.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, or it could not be stored.
    pub fn add_channel(&self, new: NewChannel, keyring: &Keyring) -> Result<Channel, StoreError> {
        new.settings.check()?;
        new.settings.check_secret(new.secret.as_ref().map(|secret| secret.expose_secret()))?;
        let keyring = keyring.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            let name = new.settings.name.trim();
            refuse_taken_name(conn, name, None)?;
            let settings = text(&new.settings)?;
            let sql = "INSERT INTO alert_channel (name, settings, created_at) VALUES (?1, ?2, ?3)";
            conn.execute(sql, params![name, settings, new.created_at.0])?;
            let id = ChannelId(conn.last_insert_rowid());
            if let Some(secret) = &new.secret {
                let sealed = id.seal(secret, &keyring)?;
                conn.execute("UPDATE alert_channel SET sealed = ?2 WHERE id = ?1", params![id.0, sealed.0])?;
            }
            let sql = "INSERT INTO reader (name, position) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            conn.execute(sql, params![ALERTS, writer.head])?;
            by_id(conn, id)
        })
    }

    /// By name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn channels(&self) -> Result<Vec<Channel>, StoreError> {
        self.read(all)
    }

    /// # Errors
    /// When there is none of that name; the error lists those that exist.
    pub fn channel(&self, name: &str) -> Result<Channel, StoreError> {
        self.read(|conn| {
            let sql = format!("{SELECT} WHERE name = ?1");
            match conn.prepare_cached(&sql)?.query_row([name.trim()], row).optional()? {
                Some(channel) => channel,
                None => Err(unknown(conn, name)),
            }
        })
    }

    /// Changes it, if nobody has since it was read; with no secret it keeps the one it has, which goes to no other receiver. It tries at once.
    ///
    /// # Errors
    /// When a setting is refused, the name is taken, its secret would go to another receiver, it was changed meanwhile or
    /// removed, or it could not be stored.
    pub fn update_channel(
        &self,
        seen: &Channel,
        mut settings: Settings,
        secret: Option<SecretString>,
        keyring: &Keyring,
    ) -> Result<Channel, StoreError> {
        settings.check()?;
        settings.name = settings.name.trim().to_owned();
        let (id, revision, keyring) = (seen.id, seen.revision, keyring.clone());
        self.write(move |writer| {
            let conn = &writer.conn;
            let held = by_id(conn, id)?;
            if held.revision != revision {
                return Err(StoreError::ChannelChanged { name: held.settings.name });
            }
            refuse_taken_name(conn, &settings.name, Some(id))?;
            let moves = held.settings.service.receiver() != settings.service.receiver();
            let secret = match secret {
                Some(secret) => Some(secret),
                None if !settings.service.takes_a_secret() => None,
                None if moves && held.sealed.is_some() => return Err(elsewhere().into()),
                None => held.secret(&keyring)?,
            };
            settings.check_secret(secret.as_ref().map(|secret| secret.expose_secret()))?;
            let sealed = secret.map(|secret| id.seal(&secret, &keyring)).transpose()?;
            let sql = "UPDATE alert_channel SET name = ?2, settings = ?3, sealed = ?4, failure = NULL, fix = NULL, \
                       failed_at = NULL, retry_at = NULL, attempts = 0, revision = revision + 1 WHERE id = ?1";
            conn.execute(
                sql,
                params![id.0, settings.name, text(&settings)?, sealed.map(|sealed| sealed.0)],
            )?;
            if held.settings.service != settings.service {
                // What the old place called its messages means nothing to the new one.
                conn.execute("UPDATE alert_message SET handle = NULL WHERE channel = ?1", [id.0])?;
            }
            by_id(conn, id)
        })
    }

    /// Pauses or resumes it. One that waits for a person tries again.
    ///
    /// # Errors
    /// When there is none of that number, or it could not be stored.
    pub fn set_channel_paused(&self, id: ChannelId, paused: bool) -> Result<Channel, StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE alert_channel SET paused = ?2, retry_at = NULL, revision = revision + 1 WHERE id = ?1";
            writer.conn.execute(sql, params![id.0, paused])?;
            by_id(&writer.conn, id)
        })
    }

    /// Forgets it, with what it had to tell. With the last one goes the reader.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn remove_channel(&self, id: ChannelId) -> Result<(), StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            conn.execute("DELETE FROM alert_channel WHERE id = ?1", [id.0])?;
            let none = "DELETE FROM reader WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM alert_channel)";
            conn.execute(none, [ALERTS])?;
            Ok(())
        })
    }

    /// Something stands in the way of a channel until then.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn channel_failed(
        &self,
        id: ChannelId,
        failure: String,
        fix: Option<String>,
        at: UtcMs,
        retry_at: UtcMs,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE alert_channel SET failure = ?2, fix = ?3, failed_at = ?4, retry_at = ?5, \
                       attempts = attempts + 1 WHERE id = ?1";
            writer.conn.prepare_cached(sql)?.execute(params![id.0, failure, fix, at.0, retry_at.0])?;
            Ok(())
        })
    }

    /// Its service took a test message, so what waits need wait no longer. A channel that was changed meanwhile is another
    /// than the one that was tested.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn channel_tested(&self, tested: &Channel, now: UtcMs) -> Result<(), StoreError> {
        let (id, revision) = (tested.id, tested.revision);
        self.write(move |writer| {
            let sql = "SELECT EXISTS (SELECT 1 FROM alert_channel WHERE id = ?1 AND revision = ?2)";
            let same =
                writer.conn.prepare_cached(sql)?.query_row(params![id.0, revision], |row| row.get(0))?;
            if same { succeeded(&writer.conn, id, now) } else { Ok(()) }
        })
    }
}

/// Its service took a message: nothing stands in the way any more.
pub(super) fn succeeded(conn: &Connection, id: ChannelId, now: UtcMs) -> Result<(), StoreError> {
    let sql = "UPDATE alert_channel SET succeeded_at = ?2, failure = NULL, fix = NULL, retry_at = NULL, attempts = 0 \
               WHERE id = ?1";
    conn.prepare_cached(sql)?.execute(params![id.0, now.0])?;
    Ok(())
}

fn elsewhere() -> Invalid {
    Invalid {
        field: "secret",
        reason: "it would be sent to another receiver than it was given for".to_owned(),
        fix: "give it again together with the address",
    }
}

fn refuse_taken_name(conn: &Connection, name: &str, own: Option<ChannelId>) -> Result<(), StoreError> {
    let sql = "SELECT id FROM alert_channel WHERE name = ?1";
    let holder = conn.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    if holder.map(ChannelId).is_some_and(|holder| Some(holder) != own) {
        return Err(StoreError::ChannelNameTaken(name.to_owned()));
    }
    Ok(())
}

fn text(settings: &Settings) -> Result<String, StoreError> {
    serde_json::to_string(settings).map_err(|error| StoreError::unwritable("an alert channel", error))
}

pub(super) fn all(conn: &Connection) -> Result<Vec<Channel>, StoreError> {
    let sql = format!("{SELECT} ORDER BY name");
    let mut statement = conn.prepare_cached(&sql)?;
    let rows = statement.query_map([], row)?;
    rows.map(|row| row?).collect()
}

fn by_id(conn: &Connection, id: ChannelId) -> Result<Channel, StoreError> {
    let sql = format!("{SELECT} WHERE id = ?1");
    match conn.prepare_cached(&sql)?.query_row([id.0], row).optional()? {
        Some(channel) => channel,
        None => Err(unknown(conn, &format!("number {}", id.0))),
    }
}

fn unknown(conn: &Connection, name: &str) -> StoreError {
    match all(conn) {
        Ok(channels) => {
            let known = channels.into_iter().map(|channel| channel.settings.name).collect();
            StoreError::UnknownChannel { name: name.to_owned(), known }
        }
        Err(error) => error,
    }
}

fn row(row: &Row<'_>) -> rusqlite::Result<Result<Channel, StoreError>> {
    let settings: String = row.get(1)?;
    let settings = match serde_json::from_str(&settings) {
        Ok(settings) => settings,
        Err(error) => return Ok(Err(StoreError::unreadable("an alert channel", error))),
    };
    let time = |at: Option<i64>| at.map(UtcMs);
    Ok(Ok(Channel {
        id: ChannelId(row.get(0)?),
        settings,
        sealed: row.get::<_, Option<Vec<u8>>>(2)?.map(Sealed),
        paused: row.get(3)?,
        created_at: UtcMs(row.get(4)?),
        succeeded_at: time(row.get(5)?),
        failure: row.get(6)?,
        fix: row.get(7)?,
        failed_at: time(row.get(8)?),
        retry_at: time(row.get(9)?),
        attempts: row.get(10)?,
        revision: row.get(11)?,
    }))
}

/// Whether the reader stands where something may come.
pub(super) fn move_reader(conn: &Connection, to: Position) -> Result<(), StoreError> {
    let sql = "UPDATE reader SET position = max(position, ?2) WHERE name = ?1";
    conn.prepare_cached(sql)?.execute(params![ALERTS, to])?;
    Ok(())
}
