//! What stands in the way of each kind of walk, in words: what happened, and what a person does about
//! it. It stands until it is cleared, so that a status screen shows it for as long as it is true.

use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::stream::Stream;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, params};

use super::{Store, StoreError, hours, stream};
use crate::connector::ConnectorId;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub walk: WalkKind,
    /// A short word for programs, such as `credentials`.
    pub kind: String,
    /// Where `docs/troubleshooting.md` speaks of it.
    pub code: String,
    pub message: String,
    pub fix: String,
    /// Since when it stands; kept for as long as it does.
    pub began: UtcMs,
    pub at: UtcMs,
    /// When the walk goes on by itself.
    pub until: Option<UtcMs>,
}

/// What a walk has shown to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleared {
    /// HubSpot answered one of its calls.
    Call,
    /// It came to its end.
    Walk,
}

/// These are about the account: whichever walk gets an answer shows that they are over for all.
pub(crate) const OF_ACCOUNT: [&str; 6] =
    ["credentials", "scope", "plan", "forbidden", "version_gone", "other_account"];
/// An answer alone does not show that these are over.
const OF_WALK: [&str; 3] = ["not_credible", "refused", "internal"];

const SET: &str = "INSERT INTO failure (stream, walk, kind, code, message, fix, began, at, until) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (stream, walk) DO UPDATE SET \
     began = iif(failure.kind = excluded.kind, failure.began, excluded.began), \
     kind = excluded.kind, code = excluded.code, message = excluded.message, fix = excluded.fix, \
     at = excluded.at, until = excluded.until";

impl Store {
    /// # Errors
    /// When it could not be stored.
    pub fn set_failure(
        &self,
        connector: ConnectorId,
        stream: Stream,
        failure: Failure,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let id = stream::find_or_add(&writer.conn, connector, stream)?;
            writer.conn.prepare_cached(SET)?.execute(params![
                id,
                failure.walk.as_str(),
                failure.kind,
                failure.code,
                failure.message,
                failure.fix,
                failure.began.0,
                failure.at.0,
                failure.until.map(|until| until.0),
            ])?;
            // New events are what an hour is judged by; what is late or old is told apart from it.
            if failure.walk == WalkKind::Tail || OF_ACCOUNT.contains(&failure.kind.as_str()) {
                hours::note(&writer.conn, id, failure.at, &failure.kind)?;
            }
            Ok(())
        })
    }

    /// # Errors
    /// When it could not be stored.
    pub fn clear_failure(
        &self,
        connector: ConnectorId,
        stream: Stream,
        walk: WalkKind,
        cleared: Cleared,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let Some(id) = stream::find(&writer.conn, connector, stream)? else { return Ok(()) };
            let over = |failure: &Failure| {
                OF_ACCOUNT.contains(&failure.kind.as_str())
                    || failure.walk == walk
                        && (cleared == Cleared::Walk || !OF_WALK.contains(&failure.kind.as_str()))
            };
            for failure in of(&writer.conn, id)?.iter().filter(|failure| over(failure)) {
                writer
                    .conn
                    .prepare_cached("DELETE FROM failure WHERE stream = ?1 AND walk = ?2")?
                    .execute(params![id, failure.walk.as_str()])?;
            }
            Ok(())
        })
    }
}

/// In the order of the walks' importance.
pub(super) fn of(conn: &Connection, stream: i64) -> Result<Vec<Failure>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT walk, kind, code, message, fix, began, at, until FROM failure WHERE stream = ?1",
    )?;
    let mut rows = statement.query([stream])?;
    let mut failures = Vec::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let walk = WalkKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        failures.push(Failure {
            walk: walk.ok_or_else(|| StoreError::unreadable("a failure", "its walk is not known"))?,
            kind: row.get(1)?,
            code: row.get(2)?,
            message: row.get(3)?,
            fix: row.get(4)?,
            began: UtcMs(row.get(5)?),
            at: UtcMs(row.get(6)?),
            until: row.get::<_, Option<i64>>(7)?.map(UtcMs),
        });
    }
    failures.sort_by_key(|failure| failure.walk);
    Ok(failures)
}
