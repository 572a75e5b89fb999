use std::io::Read;

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;

use super::*;
use crate::store::Position;

fn items(range: std::ops::Range<i64>) -> Vec<Item> {
    let item = |n: i64| Item {
        position: Position(n),
        id: format!("h1-{n}"),
        time: UtcMs(n),
        severity: Severity::Informational,
        body: format!("{{\"n\":{n}}}").into_bytes(),
    };
    range.map(item).collect()
}

fn sink(path: PathBuf, rotate_bytes: u64, compression: Compression) -> FileSink {
    let settings = File { path: path.clone(), rotate_bytes, rotate_ms: None, compression };
    FileSink { path, settings, clock: Clock::system(), current: None }
}

/// Everything that was ever written, the oldest first.
fn lines(folder: &Path) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // What was turned over is named by its time; the file itself comes last.
    paths.sort_by_key(|path| (path.file_name().unwrap() == "out.ndjson", path.clone()));
    let mut text = String::new();
    for path in paths {
        let file = fs::File::open(&path).unwrap();
        match path.extension().unwrap().to_str().unwrap() {
            "zst" => text.push_str(&unpacked(file)),
            "gz" => drop(flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap()),
            "ndjson" => drop({ file }.read_to_string(&mut text).unwrap()),
            other => panic!("{other} is left behind"),
        }
    }
    text.lines().map(str::to_owned).collect()
}

/// Every frame of the file.
fn unpacked(mut file: fs::File) -> String {
    let mut packed = Vec::new();
    file.read_to_end(&mut packed).unwrap();
    let mut text = vec![0; 64 * 1_024 * 1_024];
    let read = ruzstd::decoding::FrameDecoder::new().decode_all(&packed, &mut text).unwrap();
    text.truncate(read);
    String::from_utf8(text).unwrap()
}

fn bodies(range: std::ops::Range<i64>) -> Vec<String> {
    items(range).into_iter().map(|item| String::from_utf8(item.body).unwrap()).collect()
}

#[tokio::test]
async fn it_is_turned_over_by_size_and_nothing_is_lost() {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let dir = tempfile::tempdir().unwrap();
        let mut sink = sink(dir.path().join("out.ndjson"), 4_096, compression);
        for n in 0..100 {
            sink.deliver(&items(n * 20..n * 20 + 20)).await.unwrap();
        }
        assert_eq!(lines(dir.path()), bodies(0..2_000), "{compression:?}");
        assert!(fs::read_dir(dir.path()).unwrap().count() > 3, "{compression:?}");
        assert!(fs::metadata(dir.path().join("out.ndjson")).unwrap().len() <= 4_096);
    }
}

#[tokio::test]
async fn what_a_crash_left_is_finished_and_half_a_line_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    fs::write(&path, "{\"n\":2}\n{\"n\":3}\n{\"n\"").unwrap();
    fs::write(dir.path().join("out-20260310T143218123Z.ndjson"), "{\"n\":0}\n{\"n\":1}\n").unwrap();
    fs::write(dir.path().join("out-20260310T143218123Z.ndjson.zst.partial"), "half").unwrap();
    sink(path, 4_096, Compression::Zstd).deliver(&items(4..6)).await.unwrap();
    assert_eq!(lines(dir.path()), bodies(0..6));
}

#[tokio::test]
async fn a_file_that_somebody_moved_away_is_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    let mut sink = sink(path.clone(), 4_096, Compression::None);
    sink.deliver(&items(0..2)).await.unwrap();
    fs::rename(&path, dir.path().join("a.ndjson")).unwrap();
    sink.deliver(&items(2..4)).await.unwrap();
    assert_eq!(lines(dir.path()), bodies(0..4));
}

#[tokio::test]
async fn a_new_period_begins_a_new_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    fs::write(&path, "{\"n\":0}\n").unwrap();
    let yesterday = std::time::UNIX_EPOCH + std::time::Duration::from_secs(86_400);
    OpenOptions::new().append(true).open(&path).unwrap().set_modified(yesterday).unwrap();
    let mut sink = sink(path, 4_096, Compression::Gzip);
    sink.settings.rotate_ms = Some(3_600_000);
    sink.deliver(&items(1..2)).await.unwrap();
    assert_eq!(lines(dir.path()), bodies(0..2));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[tokio::test]
async fn a_place_that_cannot_be_written_to_needs_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let error =
        sink(dir.path().to_owned(), 4_096, Compression::None).deliver(&items(0..1)).await.unwrap_err();
    assert!(matches!(error, SinkError::Misconfigured { .. }), "{error}");
}

#[test]
fn who_comes_over_the_network_stays_below_the_data_directory() {
    let file = |path: &str| File {
        path: path.into(),
        rotate_bytes: 4_096,
        rotate_ms: None,
        compression: Compression::Zstd,
    };
    assert!(file("a.ndjson").check(By::Request).is_ok() && file("a/b").check(By::Request).is_ok());
    assert!(file("/var/log/a").check(By::Operator).is_ok());
    for path in ["/etc/cron.d/x", "../x", "a/../../x", "", "/"] {
        assert_eq!(file(path).check(By::Request).unwrap_err().field, "target.path", "{path}");
    }
}

/// As a disk leaves it that takes the lines, and neither their flush nor that they are taken off again.
#[tokio::test]
async fn what_could_not_be_taken_off_at_once_is_taken_off_before_it_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("out.ndjson");
    let mut sink = sink(path.clone(), 4_096, Compression::None);
    sink.deliver(&items(0..2)).await.unwrap();
    fs::write(&path, bodies(0..4).join("\n") + "\n{\"n").unwrap();
    sink.current.as_mut().unwrap().torn = true;
    sink.deliver(&items(2..4)).await.unwrap();
    assert_eq!(lines(dir.path()), bodies(0..4));
    assert!(!sink.current.unwrap().torn);
}
