//! `hubtrail serve` on a disk that is full, or fails, and is well again later: the log's, and that of a sink's file.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hubtrail::store::Store;

use super::{FAILS, FULL, FaultyDisk, SAYS_FULL, assert_sound};
use crate::binary::{Hubtrail, Running};
use crate::crash::account::Account;
use crate::crash::commands::ONCE;
use crate::crash::strike::wait;

const RAW: [&str; 3] = ["events", "--format", "raw"];
const HUNDREDS: [&str; 2] = ["--batch-entries", "100"];
const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

fn started(mut command: Command, said: &Path) -> Running {
    let log = std::fs::File::create(said).unwrap();
    Running(command.stdout(Stdio::null()).stderr(log).spawn().unwrap())
}

pub(super) fn sorted(lines: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    let mut lines: Vec<String> = lines.into_iter().map(Into::into).collect();
    lines.sort_unstable();
    lines
}

fn goes_on_after(error: i32, named: &str) {
    let (account, disk) = (Account::small(), FaultyDisk::new());
    let hubtrail = Hubtrail::new();
    assert!(account.add(&hubtrail).output().unwrap().status.success());
    let broken = disk.path("broken");
    let mut command = disk.under(hubtrail.command(&SERVE), hubtrail.data_dir());
    command.env("FAULTY_WHILE", &broken).env("FAULTY_ERRNO", error.to_string());
    let mut service = started(command, &disk.path("said"));
    let held = || hubtrail.prints(&RAW).lines().count();
    let all = || account.emulator.truth().len();
    assert!(wait(&mut service, &mut || held() == all()), "the history is collected");
    std::fs::write(&broken, "").unwrap();
    let before = held();
    account.goes_on(&mut rand::SeedableRng::seed_from_u64(9), 120);
    let said = || std::fs::read_to_string(disk.path("said")).unwrap();
    assert!(wait(&mut service, &mut || said().contains(named)), "{}", said());
    assert_eq!(held(), before);
    std::fs::remove_file(&broken).unwrap();
    assert!(wait(&mut service, &mut || held() == all()), "{}", said());
    assert_eq!(sorted(hubtrail.prints(&RAW).lines()), sorted(account.emulator.truth()));
    drop(service);
    assert_sound(hubtrail.data_dir(), "after the disk was broken");
}

#[test]
fn a_service_goes_on_by_itself_when_there_is_room_again() {
    goes_on_after(FULL, SAYS_FULL);
}

#[test]
fn a_service_goes_on_by_itself_when_the_disk_no_longer_fails() {
    goes_on_after(FAILS, "fails (");
}

/// A collected log with a sink that has had nothing yet, and a disk of its own for the sink's file.
pub(super) struct Forwarding {
    hubtrail: Hubtrail,
    pub(super) disk: FaultyDisk,
    pub(super) folder: tempfile::TempDir,
}

impl Forwarding {
    /// `more` is what else is said of the sink.
    pub(super) fn of(account: &Account, more: &[&str]) -> Self {
        let (hubtrail, disk, folder) = (Hubtrail::new(), FaultyDisk::new(), tempfile::tempdir().unwrap());
        assert!(account.add(&hubtrail).output().unwrap().status.success());
        hubtrail.prints(&ONCE);
        let path = format!("path={}", folder.path().join("archive.ndjson").display());
        let add =
            ["sink", "add", "archive", "--kind", "file", "--set", &path, "--format", "raw", "--only-events"];
        let batches = ["--start", "beginning", "--batch-wait", "0ms"];
        hubtrail.prints(&[&add[..], &batches, more].concat());
        Self { hubtrail, disk, folder }
    }

    pub(super) fn said(&self) -> String {
        std::fs::read_to_string(self.disk.path("said")).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        let archive: PathBuf = self.folder.path().join("archive.ndjson");
        sorted(std::fs::read_to_string(archive).unwrap_or_default().lines())
    }

    pub(super) fn delivers(&self, break_it: impl FnOnce(&mut Command), mend_it: impl FnOnce(&mut Running)) {
        let mut command = self.disk.under(self.hubtrail.command(&SERVE), self.folder.path());
        break_it(&mut command);
        let mut service = started(command, &self.disk.path("said"));
        mend_it(&mut service);
        let store = Store::open(self.hubtrail.data_dir()).unwrap();
        let [sink] = store.sinks().unwrap().try_into().ok().unwrap();
        let mut done = || store.delivery(&sink, hubtrail::clock::Clock::system().now()).unwrap().lag == 0;
        assert!(wait(&mut service, &mut done), "{}", self.said());
    }
}

/// Each write fails once with those that follow it, so that what was half there could not be taken off at once either.
#[test]
fn a_file_of_a_sink_on_a_full_or_failing_disk_misses_nothing_and_holds_nothing_twice() {
    let account = Account::small();
    let truth = sorted(account.emulator.truth());
    let sound = Forwarding::of(&account, &HUNDREDS);
    sound.delivers(|_| {}, |_| {});
    assert_eq!(sound.lines(), truth);
    let writes = sound.disk.writes().len();
    std::thread::scope(|scope| {
        for (error, nth) in
            [FULL, FAILS].into_iter().flat_map(|error| (1..=writes).map(move |nth| (error, nth)))
        {
            let (account, truth) = (&account, &truth);
            scope.spawn(move || {
                let forwarding = Forwarding::of(account, &HUNDREDS);
                let few = |command: &mut Command| {
                    command.env("FAULTY_FROM", nth.to_string()).env("FAULTY_COUNT", "2");
                    command.env("FAULTY_ERRNO", error.to_string());
                };
                forwarding.delivers(few, |_| {});
                let (what, said) = (format!("write {nth} with error {error}"), forwarding.said());
                assert!(said.contains(&format!("(os error {error})")), "{what}: {said}");
                assert_eq!(&forwarding.lines(), truth, "{what}: {said}");
            });
        }
    });
}

#[test]
fn a_file_of_a_sink_is_written_when_its_disk_has_room_again() {
    let account = Account::small();
    let forwarding = Forwarding::of(&account, &HUNDREDS);
    let full = forwarding.disk.path("full");
    std::fs::write(&full, "").unwrap();
    let break_it = |command: &mut Command| {
        command.env("FAULTY_WHILE", &full).env("FAULTY_ERRNO", FULL.to_string());
    };
    let mend_it = |service: &mut Running| {
        assert!(wait(service, &mut || forwarding.said().contains("(os error 28)")), "{}", forwarding.said());
        assert_eq!(forwarding.lines(), Vec::<String>::new());
        std::fs::remove_file(&full).unwrap();
    };
    forwarding.delivers(break_it, mend_it);
    assert_eq!(forwarding.lines(), sorted(account.emulator.truth()));
}
