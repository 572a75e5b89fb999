//! Other commands killed half-way, and two processes that want the same log.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use hubspot_audit_api::emulator::faults::Fault;

use super::account::Account;
use super::strike::wait;
use crate::binary::{Hubtrail, Running, text};

pub(super) const ONCE: [&str; 3] = ["collect", "acme", "--once"];
const RAW: [&str; 3] = ["events", "--format", "raw"];

fn started(mut command: Command) -> Running {
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

/// Kills the command as soon as the moment has come, or lets it end if that is sooner.
fn killed_when(command: Command, mut moment: impl FnMut() -> bool) {
    let mut victim = started(command);
    wait(&mut victim, &mut moment);
    victim.0.kill().unwrap();
    victim.0.wait().unwrap();
}

fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

pub(super) fn collected(hubtrail: &Hubtrail, account: &Account) {
    hubtrail.prints(&ONCE);
    let mut held: Vec<String> = hubtrail.prints(&RAW).lines().map(str::to_owned).collect();
    let mut truth = account.emulator.truth();
    held.sort_unstable();
    truth.sort_unstable();
    assert_eq!(held, truth);
}

/// Whether the data directory, or the account that was asked so often before, shows the step.
type Reached = fn(&Path, &Account, u64) -> bool;

/// A connector is there, with a token that opens, or it is not and can be added.
#[test]
fn adding_a_connector_can_be_killed_at_every_step_and_done_again() {
    let account = Account::small();
    let steps: [(&str, Reached); 6] = [
        ("started", |_, _, _| true),
        ("directory", |dir, _, _| dir.exists()),
        ("empty log", |dir, _, _| dir.join("hubtrail.db").exists()),
        ("journal", |dir, _, _| length(&dir.join("hubtrail.db-wal")) > 0),
        ("key", |dir, _, _| dir.join("secret.key").exists()),
        ("first test", |_, account, asked| account.emulator.stats().requests > asked),
    ];
    for (step, reached) in steps {
        let hubtrail = Hubtrail::new();
        let asked = account.emulator.stats().requests;
        killed_when(account.add(&hubtrail), || reached(hubtrail.data_dir(), &account, asked));
        let again = account.add(&hubtrail).output().unwrap();
        let said = text(&again.stderr);
        assert!(again.status.success() || said.contains("already"), "{step}: {said}");
        assert!(step != "first test" || !again.status.success(), "it was saved before it was tried");
        collected(&hubtrail, &account);
        hubtrail.prints(&["doctor", "--full"]);
    }
}

#[test]
fn a_killed_backup_or_restore_leaves_nothing_that_counts_and_can_be_done_again() {
    let account = Account::new(&mut rand::SeedableRng::seed_from_u64(3), 2_000);
    let hubtrail = Hubtrail::new();
    assert!(account.add(&hubtrail).output().unwrap().status.success());
    collected(&hubtrail, &account);
    let elsewhere = Hubtrail::new();
    let file = elsewhere.data_dir().with_file_name("backup.db");
    let (backup, restore) = (["backup", file.to_str().unwrap()], ["restore", file.to_str().unwrap()]);
    let whole = hubtrail.prints(&RAW);
    let restored = elsewhere.data_dir().join("hubtrail.db");
    for of_the_log in [0, 2, 1] {
        let enough = length(&hubtrail.data_dir().join("hubtrail.db")) / 2 * of_the_log / 2;
        let draft = partial(&file);
        killed_when(hubtrail.command(&backup), || draft.exists() && length(&draft) >= enough);
        assert!(!file.exists(), "what was killed is no backup");
    }
    hubtrail.prints(&backup);
    for of_the_log in [0, 1, 2] {
        let enough = length(&file) / 2 * of_the_log / 2;
        let draft = partial(&restored);
        killed_when(elsewhere.command(&restore), || draft.exists() && length(&draft) >= enough);
        assert!(!restored.exists(), "what was killed is no log");
    }
    elsewhere.prints(&restore);
    assert!(!partial(&restored).exists());
    assert_eq!(elsewhere.prints(&RAW), whole);
    assert_eq!(hubtrail.prints(&RAW), whole, "the log itself was only read");
}

fn partial(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}.partial", file.display()))
}

#[test]
fn of_two_processes_one_collects_and_its_death_makes_room_for_the_next() {
    let account = Account::small();
    let hubtrail = Hubtrail::new();
    assert!(account.add(&hubtrail).output().unwrap().status.success());
    for _ in 0..3 {
        // Whoever gets to ask gets no answer, and so keeps the log until it is killed.
        account.emulator.faults().extend([Fault::Hang, Fault::Hang]);
        let [mut one, mut other] = [hubtrail.command(&ONCE), hubtrail.command(&ONCE)].map(|mut command| {
            Running(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap())
        });
        let other_ended = wait(&mut one, &mut || other.0.try_wait().unwrap().is_some());
        let (mut loser, mut winner) = if other_ended { (other, one) } else { (one, other) };
        assert_eq!(loser.0.wait().unwrap().code(), Some(1));
        let mut said = String::new();
        std::io::Read::read_to_string(loser.0.stderr.as_mut().unwrap(), &mut said).unwrap();
        assert!(said.contains("already collects into"), "{said}");
        let refused = hubtrail.fails(1, &ONCE);
        assert!(refused.contains(&format!("(pid {})", winner.0.id())), "{refused}");
        winner.0.kill().unwrap();
        winner.0.wait().unwrap();
        account.emulator.faults().clear();
        account.goes_on(&mut rand::SeedableRng::seed_from_u64(9), 30);
        collected(&hubtrail, &account);
    }
}
