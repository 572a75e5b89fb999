//! A copy of the log over the wire, taken while it is written to.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{StatusCode, header};
use tokio::io::AsyncReadExt as _;
use utoipa::ToSchema;

use crate::access::{Accounts, Actor, Caller, Role};
use crate::http::auth::Origin;
use crate::http::{App, Problem};
use crate::store::{NewAudit, StoreError};

/// How the folder of an unfinished copy begins: nobody keeps anything of their own under such a name.
const PLACE: &str = ".unfinished-backup-";
const CHUNK_BYTES: usize = 64 * 1024;

/// A file that SQLite reads.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it is only described; the bytes are streamed")]
pub(super) struct Copied(Vec<u8>);

/// Take a backup
///
/// The reply is one state of the log: a file that `hubtrail restore` reads. It holds the tokens sealed, and
/// not the key that opens them. For administrators of all accounts.
#[utoipa::path(post, path = "/backup", tag = "service", responses(
    (status = OK, body = Copied, content_type = "application/vnd.sqlite3")
))]
pub(super) async fn backup(
    State(app): State<App>,
    caller: Caller,
    origin: Origin,
) -> Result<Response, Problem> {
    taken(&app, &caller, origin).await
}

pub(crate) async fn taken(app: &App, caller: &Caller, origin: Origin) -> Result<Response, Problem> {
    caller.must_be(Role::Admin)?;
    if caller.accounts != Accounts::All {
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "a backup holds all accounts, and you do not see all",
        )
        .fix("ask an administrator of all accounts"));
    }
    let (actor, now) = (Actor::of(caller, origin), app.clock.now());
    let dir = app.config.storage.data_dir.clone();
    let (file, bytes) = app
        .log(move |store| {
            // The copy has no name any more when this returns: it goes with the last who reads it.
            let io = |error| StoreError::Io {
                operation: "copy the log in",
                path: dir.clone(),
                source: std::sync::Arc::new(error),
            };
            let place = tempfile::Builder::new().prefix(PLACE).tempdir_in(&dir).map_err(io)?;
            let path = place.path().join("hubtrail.db");
            store.backup(&path)?;
            let file = File::open(&path).map_err(io)?;
            let bytes = file.metadata().map_err(io)?.len();
            store.audit(NewAudit::by(&actor, "backup.create", format!("{bytes} bytes")), now)?;
            Ok((file, bytes))
        })
        .await?;
    let name = format!("attachment; filename=\"hubtrail-{}.db\"", now.to_string().replace([':', '.'], ""));
    let headers = [
        (header::CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(chunks(tokio::fs::File::from_std(file)))).into_response())
}

/// Removes what a service that was killed left of a copy: nobody else knows of it, and it is as large as the log.
pub(crate) fn clear_unfinished(data_dir: &Path) {
    for entry in fs::read_dir(data_dir).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PLACE));
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) || !holds_a_copy_only(&entry.path()) {
            continue;
        }
        match fs::remove_dir_all(entry.path()) {
            Ok(()) => tracing::info!("an unfinished backup was removed: {}", entry.path().display()),
            Err(error) => tracing::warn!("remove the unfinished backup {}: {error}", entry.path().display()),
        }
    }
}

/// Whatever else somebody keeps under such a name is theirs.
fn holds_a_copy_only(folder: &Path) -> bool {
    let ours = |file: io::Result<fs::DirEntry>| {
        file.is_ok_and(|file| file.file_name().to_str().is_some_and(|name| name.starts_with("hubtrail.db")))
    };
    fs::read_dir(folder).is_ok_and(|mut files| files.all(ours))
}

fn chunks(file: tokio::fs::File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold(file, async |mut file| {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let read = file.read_buf(&mut chunk).await?;
        Ok((read > 0).then(|| (Bytes::from(chunk), file)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_backup_left_goes_and_what_is_somebodys_own_stays() {
        let dir = tempfile::tempdir().unwrap();
        for (folder, file) in [
            (".unfinished-backup-aB3", "hubtrail.db.partial"),
            (".unfinished-backup-2026", "notes"),
            ("backup-2026", "hubtrail.db"),
        ] {
            fs::create_dir(dir.path().join(folder)).unwrap();
            fs::write(dir.path().join(folder).join(file), "x").unwrap();
        }
        fs::write(dir.path().join(".unfinished-backup-of-mine"), "x").unwrap();
        clear_unfinished(dir.path());
        let mut left: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".unfinished-backup-2026", ".unfinished-backup-of-mine", "backup-2026"]);
    }
}
