//! A search that must end by a time ends within a statement too: one may pass millions of entries before it finds one
//! that is wanted, and whoever asked has long been told that it took too long.

use std::cell::Cell;
use std::time::Instant;

use rusqlite::{Connection, ErrorCode};

use crate::store::StoreError;

/// Steps of SQLite's machine between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 20_000;

thread_local! {
    /// A statement runs on the thread that asks, so that the connection need not be told.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// From now on, statements of this connection end when a [`Patience`] of their thread does.
pub(in crate::store) fn attend(conn: &mut Connection) -> rusqlite::Result<()> {
    conn.progress_handler(STEPS, Some(|| DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline)))
}

/// While it lives, what this thread asks ends at the deadline.
pub(super) struct Patience;

impl Patience {
    /// # Errors
    /// When the time is over already.
    pub(super) fn until(deadline: Option<Instant>) -> Result<Self, StoreError> {
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            return Err(StoreError::TookTooLong);
        }
        DEADLINE.set(deadline);
        Ok(Self)
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        DEADLINE.set(None);
    }
}

/// That a statement was interrupted, in the words of the store.
pub(super) fn over(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => StoreError::TookTooLong,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const COUNT: &str = "WITH RECURSIVE n (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < ?1) SELECT max(n) FROM n";

    #[test]
    fn a_statement_ends_at_the_deadline_and_the_next_one_runs_as_ever() {
        let mut conn = Connection::open_in_memory().unwrap();
        attend(&mut conn).unwrap();
        let count = |to: i64| conn.query_row(COUNT, [to], |row| row.get::<_, i64>(0)).map_err(over);
        {
            let _patience = Patience::until(Some(Instant::now() + Duration::from_millis(20))).unwrap();
            assert!(matches!(count(i64::MAX), Err(StoreError::TookTooLong)));
        }
        assert_eq!(count(200_000).unwrap(), 200_000);
        assert!(Patience::until(Some(Instant::now() - Duration::from_millis(1))).is_err());
        assert!(Patience::until(None).is_ok());
    }
}
