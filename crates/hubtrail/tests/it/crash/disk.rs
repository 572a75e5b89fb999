//! A disk that is full, or fails, at each write in turn: nothing that was stored is lost, what was not is collected
//! again, and the message says that it was the disk. A small library stands between the binary and the C library.

mod copies;
mod service;
mod turnover;
mod upgrade;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hubtrail::store::{Depth, Store};
use tempfile::TempDir;

use super::account::Account;
use super::commands::{ONCE, collected};
use super::{KILLS, wanted_kills};
use crate::binary::{Hubtrail, text};

const FULL: i32 = 28;
const FAILS: i32 = 5;
const SAYS_FULL: &str = "is full: free some space";
/// What is said of a disk. SQLite tells neither why it cannot make a file, nor that the room is for an index of its own.
const SAYS_DISK: [&str; 5] = [SAYS_FULL, "fails (", "cannot be written", "(os error 5)", "(os error 28)"];

/// What stands before the C library, and the files by which it is told what to do.
struct FaultyDisk {
    dir: TempDir,
}

impl FaultyDisk {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/crash/disk.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(dir.path().join("disk.so"))
            .arg(source)
            .args(["-ldl"])
            .output()
            .unwrap();
        assert!(built.status.success(), "{}", text(&built.stderr));
        Self { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn under(&self, mut command: Command, data_dir: &Path) -> Command {
        let _ = std::fs::remove_file(self.path("tally"));
        command
            .env("LD_PRELOAD", self.path("disk.so"))
            .env("FAULTY_DIR", data_dir)
            .env("FAULTY_TALLY", self.path("tally"));
        command
    }

    /// What the last command did to the disk, in its order: what is written, flushed or cut, made, named anew or removed.
    fn writes(&self) -> Vec<String> {
        let tally = std::fs::read_to_string(self.path("tally")).unwrap();
        tally.lines().map(str::to_owned).collect()
    }

    /// The numbers of the last command's writes: of each in a long campaign, else of some that are spread over all, with
    /// the first of each kind.
    fn chosen(&self) -> Vec<usize> {
        let writes = self.writes();
        let step = if wanted_kills() > KILLS { 1 } else { (writes.len() / KILLS).max(1) };
        let spread = (1..=writes.len()).step_by(step).chain([writes.len()]);
        let first = (0..writes.len()).filter(|&at| !writes[..at].contains(&writes[at])).map(|at| at + 1);
        spread.chain(first).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Runs a command whose nth write fails: once with an error of the disk, from then on with a full disk.
fn run_with_fault(disk: &FaultyDisk, command: Command, data_dir: &Path, nth: usize, error: i32) -> Output {
    let mut command = disk.under(command, data_dir);
    let lasting = if error == FULL { "1000000" } else { "1" };
    command.env("FAULTY_FROM", nth.to_string()).env("FAULTY_ERRNO", error.to_string());
    command.env("FAULTY_COUNT", lasting).output().unwrap()
}

/// It did its work, or it said in plain words that the disk kept it from that: those words.
fn done_or_said(output: &Output, what: &str) -> Option<String> {
    let stderr = text(&output.stderr);
    assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    match output.status.code() {
        Some(0) => None,
        Some(1) if SAYS_DISK.iter().any(|words| stderr.contains(words)) => Some(stderr),
        other => panic!("{what}: exit code {other:?}: {stderr}"),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

/// It would be a secret that nobody knows of.
fn assert_no_piece_of_a_key(data_dir: &Path, what: &str) {
    if data_dir.exists() {
        let left = names(data_dir);
        assert!(!left.iter().any(|name| name.starts_with("secret.key.")), "{what}: {left:?}");
    }
}

fn assert_sound(data_dir: &Path, what: &str) {
    if Store::exists(data_dir) {
        let report = Store::open(data_dir).unwrap().check(Depth::Full).unwrap();
        assert_eq!(report.problems, Vec::<String>::new(), "{what}");
    }
}

#[test]
fn a_collection_meets_a_full_or_failing_disk_at_each_write_and_loses_nothing() {
    let (account, disk) = (Account::small(), FaultyDisk::new());
    let with_connector = || {
        let hubtrail = Hubtrail::new();
        assert!(account.add(&hubtrail).output().unwrap().status.success());
        hubtrail
    };
    let sound = with_connector();
    assert!(disk.under(sound.command(&ONCE), sound.data_dir()).output().unwrap().status.success());
    let chosen = disk.chosen();
    let mut said = Vec::new();
    for error in [FULL, FAILS] {
        for &nth in &chosen {
            let hubtrail = with_connector();
            let what = format!("write {nth} with error {error}");
            let output = run_with_fault(&disk, hubtrail.command(&ONCE), hubtrail.data_dir(), nth, error);
            said.extend(done_or_said(&output, &what));
            assert_sound(hubtrail.data_dir(), &what);
            collected(&hubtrail, &account);
        }
    }
    let full = said.iter().filter(|said| said.contains(SAYS_FULL)).count();
    assert!(full * 2 > chosen.len(), "{full} of {} called the disk full: {said:?}", chosen.len());
    assert!(said.iter().any(|said| said.contains("fails (")), "{said:?}");
}

#[test]
fn a_connector_added_to_a_full_or_failing_disk_is_there_or_can_be_added_again() {
    let (account, disk) = (Account::small(), FaultyDisk::new());
    let sound = Hubtrail::new();
    assert!(disk.under(account.add(&sound), sound.data_dir()).output().unwrap().status.success());
    let chosen = disk.chosen();
    for error in [FULL, FAILS] {
        for &nth in &chosen {
            let hubtrail = Hubtrail::new();
            let what = format!("write {nth} with error {error}");
            let output = run_with_fault(&disk, account.add(&hubtrail), hubtrail.data_dir(), nth, error);
            done_or_said(&output, &what);
            assert_sound(hubtrail.data_dir(), &what);
            assert_no_piece_of_a_key(hubtrail.data_dir(), &what);
            let again = account.add(&hubtrail).output().unwrap();
            let there = text(&again.stderr).contains("already");
            assert!(again.status.success() || there, "{what}: {}", text(&again.stderr));
            collected(&hubtrail, &account);
        }
    }
}

#[test]
fn a_backup_to_a_full_or_failing_disk_leaves_nothing_behind() {
    let (account, disk) = (Account::small(), FaultyDisk::new());
    let hubtrail = Hubtrail::new();
    assert!(account.add(&hubtrail).output().unwrap().status.success());
    hubtrail.prints(&ONCE);
    let backups = tempfile::tempdir().unwrap();
    let file = backups.path().join("backup.db");
    let backup = || hubtrail.command(&["backup", file.to_str().unwrap()]);
    assert!(disk.under(backup(), backups.path()).output().unwrap().status.success());
    let chosen = disk.chosen();
    for error in [FULL, FAILS] {
        for &nth in &chosen {
            let _ = std::fs::remove_file(&file);
            let what = format!("write {nth} with error {error}");
            let output = run_with_fault(&disk, backup(), backups.path(), nth, error);
            done_or_said(&output, &what);
            let kept_from_removing = error == FAILS && disk.writes()[nth - 1] == "unlink";
            let mut left = names(backups.path());
            left.retain(|name| !(kept_from_removing && name.ends_with(".partial")));
            assert_eq!(left.len(), usize::from(output.status.success()), "{what}: {left:?}");
        }
    }
}
