//! Copies of the log on a disk that is full, or fails: one that is restored, and one that is asked for over HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use super::upgrade::copied;
use super::{FAILS, FULL, FaultyDisk, assert_sound, done_or_said, names, run_with_fault};
use crate::binary::{Hubtrail, Running};
use crate::crash::account::Account;
use crate::crash::commands::ONCE;

const RAW: [&str; 3] = ["events", "--format", "raw"];
/// Services that run beside each other.
const TOGETHER: usize = 4;

fn collected_log() -> Hubtrail {
    let (account, hubtrail) = (Account::small(), Hubtrail::new());
    assert!(account.add(&hubtrail).output().unwrap().status.success());
    hubtrail.prints(&ONCE);
    hubtrail
}

#[test]
fn a_restore_to_a_full_or_failing_disk_leaves_no_log_or_the_whole_one() {
    let (hubtrail, disk, folder) = (collected_log(), FaultyDisk::new(), tempfile::tempdir().unwrap());
    let file = folder.path().join("backup.db");
    let restore = ["restore", file.to_str().unwrap()];
    hubtrail.prints(&["backup", file.to_str().unwrap()]);
    let whole = hubtrail.prints(&RAW);
    let sound = Hubtrail::new();
    assert!(disk.under(sound.command(&restore), sound.data_dir()).output().unwrap().status.success());
    let (chosen, writes) = (disk.chosen(), disk.writes());
    for kind in ["mkdir", "create", "write", "fsync", "link", "unlink"] {
        assert!(writes.iter().any(|write| write == kind), "{kind} is in no restore: {writes:?}");
    }
    let mut said = Vec::new();
    for error in [FULL, FAILS] {
        for &nth in &chosen {
            let elsewhere = Hubtrail::new();
            let what = format!("write {nth} ({}) with error {error}", writes[nth - 1]);
            let output = run_with_fault(&disk, elsewhere.command(&restore), elsewhere.data_dir(), nth, error);
            said.extend(done_or_said(&output, &what));
            let log = elsewhere.data_dir().join("hubtrail.db");
            assert!(log.exists() || !output.status.success(), "{what}");
            if !log.exists() {
                elsewhere.prints(&restore);
            }
            assert_eq!(elsewhere.prints(&RAW), whole, "{what}");
            assert_sound(elsewhere.data_dir(), &what);
        }
    }
    assert!(said.len() > chosen.len(), "{} of twice {} were told: {said:?}", said.len(), chosen.len());
}

/// The status of the reply, and its body.
fn asked(address: SocketAddr, token: &str) -> (u16, Vec<u8>) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "POST /api/v1/backup HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let status = std::str::from_utf8(&reply[9..12]).unwrap().parse().unwrap();
    (status, reply.split_off(end + 4))
}

fn assert_restores(copy: &[u8], whole: &str, what: &str) {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), Hubtrail::new());
    let file = folder.path().join("copy.db");
    std::fs::write(&file, copy).unwrap();
    elsewhere.prints(&["restore", file.to_str().unwrap()]);
    assert_eq!(elsewhere.prints(&RAW), whole, "{what}");
}

/// A service over a copy of the data directory, where only what belongs to a backup can fail.
struct Served {
    dir: tempfile::TempDir,
    disk: FaultyDisk,
    address: SocketAddr,
    _service: Running,
    _said: BufReader<ChildStdout>,
}

impl Served {
    fn start(data_dir: &Path, fault: impl FnOnce(&mut Command)) -> Self {
        let (dir, disk) = (copied(data_dir), FaultyDisk::new());
        let serve = Hubtrail::over(dir.path()).command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut command = disk.under(serve, &dir.path().join(".unfinished-backup-"));
        fault(&mut command);
        let mut service = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
        let mut said = BufReader::new(service.0.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("it listens").parse().unwrap();
        Self { dir, disk, address, _service: service, _said: said }
    }

    fn left(&self) -> Vec<String> {
        names(self.dir.path()).into_iter().filter(|name| name.starts_with(".unfinished")).collect()
    }
}

#[test]
fn a_backup_over_http_on_a_full_or_failing_disk_is_whole_or_refused_and_leaves_nothing_behind() {
    let hubtrail = collected_log();
    let connector = hubtrail.prints(&["connector", "pause", "acme"]);
    assert!(!connector.is_empty());
    let token = hubtrail.prints(&["token", "create", "copies", "--role", "admin"]).trim().to_owned();
    let whole = hubtrail.prints(&RAW);
    let sound = Served::start(hubtrail.data_dir(), |_| {});
    let (status, copy) = asked(sound.address, &token);
    assert_eq!((status, sound.left()), (200, Vec::new()), "{}", String::from_utf8_lossy(&copy));
    assert_restores(&copy, &whole, "the sound one");
    let (chosen, writes) = (sound.disk.chosen(), sound.disk.writes());
    for kind in ["mkdir", "create", "write", "fsync", "link", "unlink"] {
        assert!(writes.iter().any(|write| write == kind), "{kind} is in no backup: {writes:?}");
    }
    let faults: Vec<(i32, usize)> =
        [FULL, FAILS].into_iter().flat_map(|error| chosen.iter().map(move |&nth| (error, nth))).collect();
    let refused: usize = std::thread::scope(|scope| {
        let some = faults.chunks(faults.len().div_ceil(TOGETHER)).map(|faults| {
            let (hubtrail, token, whole, writes) = (&hubtrail, &token, &whole, &writes);
            scope.spawn(move || {
                let tried = faults.iter().map(|&(error, nth)| {
                    let what = format!("write {nth} ({}) with error {error}", writes[nth - 1]);
                    is_refused(hubtrail.data_dir(), token, whole, (error, nth), &what)
                });
                tried.filter(|refused| *refused).count()
            })
        });
        some.collect::<Vec<_>>().into_iter().map(|some| some.join().unwrap()).sum()
    });
    assert!(refused > chosen.len(), "{refused} of twice {} were refused", chosen.len());
}

fn is_refused(data_dir: &Path, token: &str, whole: &str, (error, nth): (i32, usize), what: &str) -> bool {
    let lasting = if error == FULL { "1000000" } else { "1" };
    let served = Served::start(data_dir, |command| {
        command.env("FAULTY_FROM", nth.to_string()).env("FAULTY_ERRNO", error.to_string());
        command.env("FAULTY_COUNT", lasting);
    });
    let (status, reply) = asked(served.address, token);
    let kept_from_removing = error == FAILS && served.disk.writes()[nth - 1] == "unlink";
    assert!(kept_from_removing || served.left().is_empty(), "{what}: {:?}", served.left());
    match status {
        200 => assert_restores(&reply, whole, what),
        500..=599 => assert!(String::from_utf8_lossy(&reply).contains("\"status\""), "{what}"),
        other => panic!("{what}: {other}: {}", String::from_utf8_lossy(&reply)),
    }
    if error == FAILS {
        let (again, copy) = asked(served.address, token);
        assert_eq!(again, 200, "{what}");
        assert_restores(&copy, whole, what);
    }
    status != 200
}
