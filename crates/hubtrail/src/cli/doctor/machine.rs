//! What the machine must offer: a directory to write to, room in it, and certificates to trust.

use std::fs;
use std::path::Path;

use crate::cli::check::Check;
use crate::config::Config;

/// Below this the next hours of a busy account may not fit.
const LITTLE_BYTES: u64 = 1 << 30;
/// Below this SQLite may fail at any commit.
const TOO_LITTLE_BYTES: u64 = 64 << 20;

pub(in crate::cli) fn checks(config: &Config) -> Vec<Check> {
    let data_dir = config.storage.data_dir.as_path();
    let mut checks = vec![directory(data_dir)];
    checks.extend(privacy(data_dir));
    checks.push(disk(data_dir));
    checks.push(trusted_roots());
    checks.extend(config.network.extra_ca.as_deref().map(extra_ca));
    checks
}

fn directory(path: &Path) -> Check {
    const WHAT: &str = "data directory";
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => {
            Check::fail(WHAT, format!("{shown} is not a directory"), "name another with --data-dir")
        }
        Ok(_) => match tempfile::tempfile_in(path) {
            Ok(_) => Check::ok(WHAT, format!("{shown} can be written")),
            Err(error) => Check::fail(
                WHAT,
                format!("{shown} cannot be written: {error}"),
                "give it to the user that runs Hubtrail, or mount it writable",
            ),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Check::ok(WHAT, format!("{shown} is not there yet; `hubtrail connector add` makes it"))
        }
        Err(error) => Check::fail(WHAT, format!("{shown}: {error}"), "name another with --data-dir"),
    }
}

#[cfg(unix)]
fn privacy(path: &Path) -> Option<Check> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    Some(if mode & 0o077 == 0 {
        Check::ok("permissions", format!("only its owner can read it (mode {mode:03o})"))
    } else {
        Check::warn(
            "permissions",
            format!("others on this machine may read it (mode {mode:03o})"),
            format!("chmod 700 {}", path.display()),
        )
    })
}

#[cfg(not(unix))]
fn privacy(_path: &Path) -> Option<Check> {
    None
}

fn disk(path: &Path) -> Check {
    const WHAT: &str = "free disk";
    const FIX: &str = "free some space, or set storage.retention_days";
    let existing = path.ancestors().find(|folder| folder.exists()).unwrap_or(path);
    match fs4::available_space(existing) {
        Ok(free) if free < TOO_LITTLE_BYTES => Check::fail(WHAT, mebibytes(free), FIX),
        Ok(free) if free < LITTLE_BYTES => Check::warn(WHAT, mebibytes(free), FIX),
        Ok(free) => Check::ok(WHAT, format!("{} GiB", free >> 30)),
        Err(error) => Check::warn(WHAT, format!("cannot be told: {error}"), "look at it with df"),
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

fn trusted_roots() -> Check {
    const WHAT: &str = "TLS roots";
    let found = rustls_native_certs::load_native_certs();
    match found.certs.len() {
        0 => Check::fail(
            WHAT,
            "the system trusts no certificate authority, so HubSpot cannot be told from an impostor",
            "install the system's certificates (package ca-certificates), or name a file in network.extra_ca",
        ),
        count => Check::ok(WHAT, format!("{count} certificate authorities of the system")),
    }
}

fn extra_ca(path: &Path) -> Check {
    const WHAT: &str = "network.extra_ca";
    const FIX: &str = "name a readable PEM file with certificates, or leave the key out";
    let shown = path.display();
    match fs::read(path) {
        Ok(pem) => match reqwest::Certificate::from_pem_bundle(&pem) {
            Ok(certificates) if !certificates.is_empty() => {
                Check::ok(WHAT, format!("{} certificates in {shown}", certificates.len()))
            }
            _ => Check::fail(WHAT, format!("{shown} holds no certificate"), FIX),
        },
        Err(error) => Check::fail(WHAT, format!("{shown}: {error}"), FIX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::Verdict;

    #[test]
    fn a_file_in_the_place_of_the_directory_fails_and_a_missing_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        assert_eq!(directory(&file).verdict, Verdict::Fail);
        assert_eq!(directory(folder.path()).verdict, Verdict::Ok);
        let missing = folder.path().join("a/b");
        assert_eq!(
            (directory(&missing).verdict, disk(&missing).verdict == Verdict::Fail),
            (Verdict::Ok, false)
        );
        assert!(!missing.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_others_can_read_is_warned_of() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        for (mode, verdict) in [(0o700, Verdict::Ok), (0o750, Verdict::Warn), (0o705, Verdict::Warn)] {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(privacy(folder.path()).map(|check| check.verdict), Some(verdict), "{mode:o}");
        }
    }

    #[test]
    fn a_file_without_certificates_fails() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "no certificate").unwrap();
        assert_eq!(extra_ca(&file).verdict, Verdict::Fail);
        assert_eq!(extra_ca(&folder.path().join("none")).verdict, Verdict::Fail);
    }
}
