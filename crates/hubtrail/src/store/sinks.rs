//! The sinks as the log keeps them, each with the reader that holds its position. Credentials are sealed
//! before they get here.

use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Position, Store, StoreError};
use crate::connector::Invalid;
use crate::secret::{Keyring, Sealed};
use crate::sink::{By, Configured, Credentials, Settings, SinkId};

mod row;

use row::select;

#[derive(Clone)]
pub struct NewSink {
    pub settings: Settings,
    pub credentials: Credentials,
    pub by: By,
    pub paused: bool,
    /// None: with everything that is in the log. Else with what is not older than this.
    pub since: Option<UtcMs>,
    /// The configuration file that declares it.
    pub declared_in: Option<String>,
    pub created_at: UtcMs,
}

/// What somebody changes of a sink.
#[derive(Clone)]
pub struct SinkChange {
    pub settings: Settings,
    pub paused: bool,
    /// What opens its receiver from now on; none: what did before.
    pub credentials: Option<Credentials>,
    pub by: By,
    /// The configuration file that declares it from now on.
    pub declared_in: Option<String>,
}

impl Store {
    /// # Errors
    /// When a setting is refused, the name is taken, or it could not be stored.
    pub fn add_sink(&self, new: NewSink, keyring: &Keyring) -> Result<Configured, StoreError> {
        new.settings.check(new.by)?;
        new.settings.check_credentials(&new.credentials)?;
        let keyring = keyring.clone();
        self.write(move |writer| {
            let conn = &writer.conn;
            refuse_taken_name(conn, &new.settings.name, None)?;
            let id = row::insert(conn, &new)?;
            let mut sink = by_id(conn, id)?;
            sink.put_sealed(&new.credentials, &keyring)?;
            row::reseal(conn, &sink)?;
            begin(conn, id, 0, new.since, writer.head)?;
            conn.prepare_cached("INSERT INTO delivery (sink) VALUES (?1)")?.execute([id.0])?;
            by_id(conn, id)
        })
    }

    /// By name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn sinks(&self) -> Result<Vec<Configured>, StoreError> {
        self.read(all)
    }

    /// # Errors
    /// When there is none of that name; the error lists those that exist.
    pub fn sink(&self, name: &str) -> Result<Configured, StoreError> {
        self.read(|conn| match find(conn, select!("WHERE name = ?1"), name.trim())? {
            Some(sink) => Ok(sink),
            None => Err(unknown(conn, name)),
        })
    }

    /// # Errors
    /// When there is none of that number.
    pub fn sink_by_id(&self, id: SinkId) -> Result<Configured, StoreError> {
        self.read(|conn| by_id(conn, id))
    }

    /// Those that are not paused, each with its revision.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn forwarding(&self) -> Result<Vec<(SinkId, i64)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT id, revision FROM sink WHERE paused = 0")?;
            let rows = statement.query_map([], |row| Ok((SinkId(row.get(0)?), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Stores what is changed, if nobody has changed the sink since it was read.
    ///
    /// # Errors
    /// When a setting is refused, credentials would go to another receiver, the sink was changed meanwhile or
    /// removed, or the configuration file declares it.
    pub fn update_sink(
        &self,
        sink: &Configured,
        change: SinkChange,
        keyring: &Keyring,
    ) -> Result<Configured, StoreError> {
        change.settings.check(change.by)?;
        let (seen, keyring) = (sink.clone(), keyring.clone());
        self.write(move |writer| {
            let conn = &writer.conn;
            let mut sink = by_id(conn, seen.id)?;
            if sink.revision != seen.revision {
                return Err(StoreError::SinkChanged { name: sink.settings.name });
            }
            if change.declared_in.is_none() {
                refuse_declared(conn, sink.id)?;
            }
            refuse_taken_name(conn, &change.settings.name, Some(sink.id))?;
            let moves = sink.settings.target.receiver() != change.settings.target.receiver();
            // The key of a certificate that is no longer shown goes with it.
            let still = |held: Credentials| match change.settings.target.shows_certificate() {
                true => held,
                false => Credentials { client_key: None, ..held },
            };
            let credentials = match &change.credentials {
                Some(new) if moves => new.clone(),
                // Those that do not open, under another key, are what the new ones are given for.
                Some(new) => new.clone().or(still(sink.credentials(&keyring).unwrap_or_default())),
                None if moves && sink.has_credentials() => return Err(elsewhere().into()),
                None => still(sink.credentials(&keyring)?),
            };
            change.settings.check_credentials(&credentials)?;
            sink.settings = change.settings;
            sink.paused = change.paused;
            sink.put_sealed(&credentials, &keyring)?;
            row::update(conn, &sink, change.declared_in.as_deref())?;
            row::reseal(conn, &sink)?;
            by_id(conn, sink.id)
        })
    }

    /// Pauses or resumes it. One that has stopped for a person tries again.
    ///
    /// # Errors
    /// When there is none of that number, or it could not be stored.
    pub fn set_sink_paused(&self, id: SinkId, paused: bool) -> Result<Configured, StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE sink SET paused = ?2, revision = revision + 1 WHERE id = ?1";
            writer.conn.prepare_cached(sql)?.execute(params![id.0, paused])?;
            by_id(&writer.conn, id)
        })
    }

    /// Delivers once more what is not older than a time (none: everything), and then goes on as before.
    ///
    /// # Errors
    /// When there is none of that number, or it could not be stored.
    pub fn replay_sink(&self, id: SinkId, since: Option<UtcMs>) -> Result<Configured, StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            let sink = by_id(conn, id)?;
            let replays = sink.reader.rsplit('.').next().and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
            conn.execute("DELETE FROM reader WHERE name = ?1", [&sink.reader])?;
            begin(conn, id, replays + 1, since, writer.head)?;
            conn.execute("UPDATE sink SET revision = revision + 1 WHERE id = ?1", [id.0])?;
            by_id(conn, id)
        })
    }

    /// Forgets it, with its dead letters; retention no longer waits for it.
    ///
    /// # Errors
    /// When there is none of that number, the configuration file declares it, or it could not be stored.
    pub fn remove_sink(&self, id: SinkId) -> Result<(), StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            let sink = by_id(conn, id)?;
            refuse_declared(conn, id)?;
            conn.execute("DELETE FROM reader WHERE name = ?1", [&sink.reader])?;
            conn.execute("DELETE FROM sink WHERE id = ?1", [id.0])?;
            Ok(())
        })
    }

    /// The configuration file declares it no more: it is paused, and free to be changed.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn release_sink(&self, id: SinkId) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "UPDATE sink SET paused = 1, declared_in = NULL, revision = revision + 1 WHERE id = ?1";
            writer.conn.prepare_cached(sql)?.execute([id.0])?;
            Ok(())
        })
    }
}

/// Gives the sink a reader of its own. Up to today's end of the log, only what is not older than `since` counts.
fn begin(
    conn: &Connection,
    id: SinkId,
    replays: i64,
    since: Option<UtcMs>,
    head: Position,
) -> Result<(), StoreError> {
    let start = match since {
        None => Position(0),
        Some(since) => before(conn, since)?.unwrap_or(head),
    };
    let reader = format!("sink.{id}.{replays}");
    let sql = "UPDATE sink SET reader = ?2, since = ?3, since_until = ?4 WHERE id = ?1";
    let until = since.map(|_| head);
    conn.prepare_cached(sql)?.execute(params![id.0, reader, since.map(|since| since.0), until])?;
    conn.prepare_cached("INSERT INTO reader (name, position) VALUES (?1, ?2)")?
        .execute(params![reader, start])?;
    Ok(())
}

/// The place before the first entry that is not older than this; none: all are.
fn before(conn: &Connection, since: UtcMs) -> Result<Option<Position>, StoreError> {
    let first: Option<i64> = conn.prepare_cached(FIRST_SINCE)?.query_row([since.0], |row| row.get(0))?;
    Ok(first.map(|first| Position(first - 1)))
}

/// Answered from the index over time, of which it reads what is newer.
const FIRST_SINCE: &str = "SELECT min(position) FROM entry WHERE timestamp >= ?1";

fn elsewhere() -> Invalid {
    Invalid {
        field: "target",
        reason: "the credentials would be sent to another receiver".to_owned(),
        fix: "give them again together with the address",
    }
}

/// The one place that keeps a declared sink as it is declared.
fn refuse_declared(conn: &Connection, id: SinkId) -> Result<(), StoreError> {
    let sql = "SELECT name, declared_in FROM sink WHERE id = ?1 AND declared_in IS NOT NULL";
    let declared = conn.prepare_cached(sql)?.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?)));
    match declared.optional()? {
        Some((name, file)) => Err(StoreError::DeclaredSink { name, file }),
        None => Ok(()),
    }
}

fn refuse_taken_name(conn: &Connection, name: &str, own: Option<SinkId>) -> Result<(), StoreError> {
    let sql = "SELECT id FROM sink WHERE name = ?1";
    let holder = conn.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    if holder.map(SinkId).is_some_and(|holder| Some(holder) != own) {
        return Err(StoreError::SinkNameTaken(name.to_owned()));
    }
    Ok(())
}

fn all(conn: &Connection) -> Result<Vec<Configured>, StoreError> {
    let mut statement = conn.prepare_cached(select!("ORDER BY name"))?;
    let mut rows = statement.query([])?;
    let mut sinks = Vec::new();
    while let Some(row) = rows.next()? {
        sinks.push(row::read(row)?);
    }
    Ok(sinks)
}

fn find(conn: &Connection, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<Configured>, StoreError> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query([key])?;
    rows.next()?.map(row::read).transpose()
}

pub(super) fn by_id(conn: &Connection, id: SinkId) -> Result<Configured, StoreError> {
    match find(conn, select!("WHERE id = ?1"), id.0)? {
        Some(sink) => Ok(sink),
        None => Err(unknown(conn, &format!("number {id}"))),
    }
}

fn unknown(conn: &Connection, name: &str) -> StoreError {
    match all(conn) {
        Ok(sinks) => {
            let known = sinks.into_iter().map(|sink| sink.settings.name).collect();
            StoreError::UnknownSink { name: name.to_owned(), known }
        }
        Err(error) => error,
    }
}

impl Configured {
    /// Whether an entry is older than what a start or a replay asked for.
    #[must_use]
    pub fn is_before_its_start(&self, position: Position, time: UtcMs) -> bool {
        self.since.is_some_and(|(since, until)| position <= until && time < since)
    }
}

fn sealed(bytes: Option<Vec<u8>>) -> Option<Sealed> {
    bytes.map(Sealed)
}
