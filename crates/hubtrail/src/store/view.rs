//! Views that people have saved: each belongs to one person and is a query of the events page.

use hubtrail_core::time::UtcMs;
use rusqlite::params;

use super::{Store, StoreError};

/// Nobody finds anything among more.
const MOST: i64 = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub id: i64,
    pub name: String,
    pub query: String,
    pub created_at: UtcMs,
}

impl Store {
    /// By name.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn views(&self, user: i64) -> Result<Vec<View>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT id, name, query, created_at FROM view WHERE user = ?1 ORDER BY name";
            let mut statement = conn.prepare_cached(sql)?;
            let views = statement.query_map([user], |row| {
                Ok(View {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    query: row.get(2)?,
                    created_at: UtcMs(row.get(3)?),
                })
            })?;
            Ok(views.collect::<Result<_, _>>()?)
        })
    }

    /// Saves a view, in the place of an older one of the same name. None: there are too many.
    ///
    /// # Errors
    /// When it was not stored.
    pub fn save_view(
        &self,
        user: i64,
        name: &str,
        query: &str,
        at: UtcMs,
    ) -> Result<Option<View>, StoreError> {
        let (name, query) = (name.to_owned(), query.to_owned());
        self.write(move |writer| {
            let conn = &writer.conn;
            let others = "SELECT count(*) FROM view WHERE user = ?1 AND name <> ?2";
            let others: i64 =
                conn.prepare_cached(others)?.query_row(params![user, name], |row| row.get(0))?;
            if others >= MOST {
                return Ok(None);
            }
            let sql = "INSERT INTO view (user, name, query, created_at) VALUES (?1, ?2, ?3, ?4) \
                       ON CONFLICT (user, name) DO UPDATE SET query = excluded.query, name = excluded.name RETURNING id";
            let id = conn
                .prepare_cached(sql)?
                .query_row(params![user, name, query, at.0], |row| row.get(0))?;
            Ok(Some(View { id, name, query, created_at: at }))
        })
    }

    /// Whether there was one.
    ///
    /// # Errors
    /// When it was not removed.
    pub fn delete_view(&self, user: i64, id: i64) -> Result<bool, StoreError> {
        self.write(move |writer| {
            let sql = "DELETE FROM view WHERE user = ?1 AND id = ?2";
            Ok(writer.conn.prepare_cached(sql)?.execute(params![user, id])? > 0)
        })
    }
}
