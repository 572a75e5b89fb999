//! Whose a new file in the data directory is. A command that root runs beside the service would otherwise leave
//! files that the service cannot open.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file for reading and writing, and makes it when there is none: for its owner's eyes only, who is the
/// owner of its directory.
///
/// # Errors
/// As the system says.
pub(crate) fn open_or_create(path: &Path) -> io::Result<File> {
    match create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).open(path)
        }
        created => created.and_then(|file| {
            give_to_owner_of_folder(&file, path)?;
            Ok(file)
        }),
    }
}

/// Makes a file for its owner's eyes only, who is the user that runs this.
///
/// # Errors
/// As the system says; also when there is a file already.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Only for a file that this process has just made: through a link, another's file would be given away.
///
/// # Errors
/// As the system says, but for this user not being allowed to: whoever is not root gives nothing away.
#[cfg(unix)]
pub(crate) fn give_to_owner_of_folder(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let owner = |metadata: Metadata| (metadata.uid(), metadata.gid());
    let theirs = owner(std::fs::metadata(folder.unwrap_or_else(|| Path::new(".")))?);
    if owner(file.metadata()?).0 == theirs.0 {
        return Ok(());
    }
    match fchown(file, Some(theirs.0), Some(theirs.1)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        given => given,
    }
}

#[cfg(not(unix))]
pub(crate) fn give_to_owner_of_folder(_file: &File, _path: &Path) -> io::Result<()> {
    Ok(())
}
