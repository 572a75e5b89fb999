//! A log of the first schema on a disk that is full, or fails, while it is brought up to date.

use std::path::Path;

use tempfile::TempDir;

use super::{FAILS, FULL, FaultyDisk, assert_sound, done_or_said, run_with_fault};
use crate::binary::Hubtrail;
use crate::upgrade::{a_log_with_everything, as_the_first_schema_made_it, assert_all_there};

const RAW: [&str; 3] = ["events", "--format", "raw"];

pub(super) fn copied(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(file.path(), to.path().join(file.file_name())).unwrap();
    }
    to
}

#[test]
fn an_upgrade_meets_a_full_or_failing_disk_at_each_write_and_goes_on_when_there_is_a_good_one() {
    let (log, place, disk) = (a_log_with_everything(), tempfile::tempdir().unwrap(), FaultyDisk::new());
    let old = place.path().join("old");
    let before = as_the_first_schema_made_it(&log, &old);
    let events = Hubtrail::over(log.dir.path()).prints(&RAW);
    let sound = copied(&old);
    let upgrade = disk.under(Hubtrail::over(sound.path()).command(&RAW), sound.path()).output().unwrap();
    assert!(upgrade.status.success());
    let (chosen, mut said) = (disk.chosen(), Vec::new());
    for error in [FULL, FAILS] {
        for &nth in &chosen {
            let dir = copied(&old);
            let hubtrail = Hubtrail::over(dir.path());
            let what = format!("write {nth} with error {error}");
            let output = run_with_fault(&disk, hubtrail.command(&RAW), dir.path(), nth, error);
            said.extend(done_or_said(&output, &what));
            assert_eq!(hubtrail.prints(&RAW), events, "{what}");
            assert_all_there(dir.path(), &before);
            assert_sound(dir.path(), &what);
        }
    }
    assert!(said.len() > chosen.len(), "{} of twice {} were told: {said:?}", said.len(), chosen.len());
}
