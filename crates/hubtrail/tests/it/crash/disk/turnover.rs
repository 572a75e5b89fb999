//! A sink's file that is turned over and packed on a disk that is full, or fails.

use std::io::Read as _;
use std::path::Path;

use super::service::{Forwarding, sorted};
use super::{FAILS, FULL, names};
use crate::crash::account::Account;

/// So many services at a time: they are processes.
const TOGETHER: usize = 8;
const PACKED: [(&str, &str); 2] = [("zstd", ".zst"), ("gzip", ".gz")];

/// Everything that was ever written to the sink's files, in whatever order. A piece of a packed one is none.
fn lines(folder: &Path) -> Vec<String> {
    let mut text = String::new();
    for name in names(folder) {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        match name.rsplit_once('.').unwrap().1 {
            "zst" => text.push_str(&unpacked(&bytes)),
            "gz" => drop(flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap()),
            "ndjson" => text.push_str(std::str::from_utf8(&bytes).unwrap()),
            "partial" => {}
            other => panic!("{other} in {}", folder.display()),
        }
    }
    sorted(text.lines())
}

/// Every frame of the file.
fn unpacked(bytes: &[u8]) -> String {
    let mut text = vec![0; 8 * 1_024 * 1_024];
    let read = ruzstd::decoding::FrameDecoder::new().decode_all(bytes, &mut text).unwrap();
    text.truncate(read);
    String::from_utf8(text).unwrap()
}

fn turning_over(account: &Account, packing: &str) -> Forwarding {
    let packing = format!("compression={packing}");
    Forwarding::of(account, &["--set", "rotate_bytes=4096", "--set", &packing, "--batch-entries", "50"])
}

#[test]
fn a_file_that_is_turned_over_on_a_full_or_failing_disk_misses_nothing_and_holds_nothing_twice() {
    let account = Account::small();
    let truth = sorted(account.emulator.truth());
    let mut faults = Vec::new();
    for (packing, ending) in PACKED {
        let sound = turning_over(&account, packing);
        sound.delivers(|_| {}, |_| {});
        assert_eq!(lines(sound.folder.path()), truth);
        let packed = names(sound.folder.path()).iter().filter(|name| name.ends_with(ending)).count();
        assert!(packed > 1, "it was turned over {packed} times");
        let writes = sound.disk.writes();
        for kind in ["create", "write", "fsync", "rename", "unlink"] {
            assert!(writes.iter().any(|write| write == kind), "{kind} is in no turnover: {writes:?}");
        }
        let error = if packing == "gzip" { FULL } else { FAILS };
        faults.extend(sound.disk.chosen().into_iter().map(|nth| (packing, error, nth)));
    }
    for some in faults.chunks(TOGETHER) {
        std::thread::scope(|scope| {
            for &(packing, error, nth) in some {
                let (account, truth) = (&account, &truth);
                scope.spawn(move || {
                    let forwarding = turning_over(account, packing);
                    forwarding.delivers(
                        |command| {
                            command.env("FAULTY_FROM", nth.to_string()).env("FAULTY_COUNT", "2");
                            command.env("FAULTY_ERRNO", error.to_string());
                        },
                        |_| {},
                    );
                    let what = format!("write {nth} with error {error} and {packing}");
                    let held = lines(forwarding.folder.path());
                    assert_eq!(&held, truth, "{what}: {}", forwarding.said());
                });
            }
        });
    }
}
