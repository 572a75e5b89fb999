//! Copies of the log: taken while it is written to, checked before they count, and never put over
//! something that exists. The key that opens the sealed tokens is not part of a copy, on purpose.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::{FILE, Store, StoreError, check, schema};
use crate::ownership::{self, give_to_owner_of_folder};

impl Store {
    /// Writes one state of the log to a new file, without keeping collection waiting.
    ///
    /// # Errors
    /// When the file exists or cannot be written; then nothing is left behind.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if to.exists() {
            return Err(StoreError::Exists(to.to_owned()));
        }
        let draft = draft(to);
        let copied = schema::connect(self.path()).and_then(|conn| copy(&conn, &draft)).map(drop);
        place(copied.map_err(|error| error.located(self.path())), &draft, to)
    }

    /// Puts a backup into a directory that has no log yet.
    ///
    /// # Errors
    /// When the backup is damaged, is none, or is newer than this program; or there is a log already.
    pub fn restore(from: &Path, dir: &Path) -> Result<(), StoreError> {
        let to = dir.join(FILE);
        if to.exists() {
            return Err(StoreError::Exists(to));
        }
        schema::create_dir(dir)?;
        let draft = draft(&to);
        let copied = open(from).and_then(|conn| {
            schema::refuse_all_but_logs(&conn, from)?;
            check::refuse_damaged(&conn)?;
            let copied = copy(&conn, &draft)?;
            give_to_owner_of_folder(&copied, &draft)
                .map_err(|error| StoreError::io("give to the owner of its folder", &draft, error))
        });
        place(copied.map_err(|error| error.located(from)), &draft, &to)
    }
}

fn draft(to: &Path) -> PathBuf {
    with_suffix(to, ".partial")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    fs::metadata(path).map_err(|error| StoreError::io("open the backup", path, error))?;
    Ok(Connection::open_with_flags(path, flags)?)
}

/// A copy that SQLite rebuilds has no free pages and no journal, and is read from one snapshot.
fn copy(conn: &Connection, draft: &Path) -> Result<File, StoreError> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StoreError::io("remove the unfinished copy", draft, error));
        }
        _ => {}
    }
    // SQLite accepts an empty file as the target.
    let file = ownership::create(draft).map_err(|error| StoreError::io("create", draft, error))?;
    let target = draft.to_str().ok_or_else(|| {
        StoreError::io(
            "write to",
            draft,
            io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8"),
        )
    })?;
    conn.execute("VACUUM INTO ?1", [target]).map_err(|error| StoreError::from(error).located(draft))?;
    let copied = open(draft)?;
    check::refuse_damaged(&copied).map_err(|error| error.located(draft))?;
    Ok(file)
}

/// The copy takes its name only when it is complete and durable.
fn place(copied: Result<(), StoreError>, draft: &Path, to: &Path) -> Result<(), StoreError> {
    let placed = copied.and_then(|()| {
        let named = File::open(draft)
            .and_then(|file| file.sync_all())
            .and_then(|()| name(draft, to))
            .and_then(|()| sync_dir(to).inspect_err(|_| drop(fs::remove_file(to))));
        named.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists(to.to_owned()),
            _ => StoreError::io("put the copy in place at", to, error),
        })
    });
    for left in [draft.to_owned(), with_suffix(draft, "-journal")] {
        drop(fs::remove_file(left));
    }
    placed
}

/// A link refuses to replace a file; where there are no links, the caller's look beforehand must do.
fn name(draft: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(draft, to) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(draft, to),
        linked => linked,
    }
}

fn sync_dir(file: &Path) -> io::Result<()> {
    match file.parent().filter(|_| cfg!(unix)) {
        Some(dir) if dir.as_os_str().is_empty() => File::open(".")?.sync_all(),
        Some(dir) => File::open(dir)?.sync_all(),
        None => Ok(()),
    }
}
