//! Recorded records from a file (`.ndjson` or `.ndjson.gz`), to be served instead of a scenario.
//!
//! Read as a stream: a line at a time is in memory, however large the file.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::record::Record;

/// A record is a few hundred bytes; a line beyond this is no record.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error("open trace {}: {source} (check the path given to --trace)", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("read trace {}, line {line}: {source} (is the file complete, and gzip only if named .gz?)", path.display())]
    Read { path: PathBuf, line: u64, source: std::io::Error },
    #[error("trace {}, line {line}: {reason}", path.display())]
    Line { path: PathBuf, line: u64, reason: BadLine },
    #[error("trace {} has no records (use a file with one JSON object a line)", path.display())]
    Empty { path: PathBuf },
}

#[derive(Debug, thiserror::Error)]
pub enum BadLine {
    #[error("longer than {MAX_LINE_BYTES} bytes (write one record a line)")]
    TooLong,
    #[error("not a record: {0} (a line is one JSON object with the fields of the CMS audit API)")]
    NotARecord(serde_json::Error),
    #[error("`{field}` is {found} (use a text or a number)")]
    NotAText { field: &'static str, found: String },
    #[error("`timestamp` is {0} (use ISO 8601 such as 2026-03-01T09:30:00.123Z, or milliseconds since 1970)")]
    NotATime(String),
    #[error(
        "its time {at} is before that of the line above, {above} (sort the file by `timestamp`, ascending)"
    )]
    OutOfOrder { at: i64, above: i64 },
}

/// A trace that was read through once, so that its records can be served without a surprise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    path: PathBuf,
    pub records: u64,
    /// Times as recorded, in UTC ms.
    pub oldest_ms: i64,
    pub newest_ms: i64,
    shift_ms: i64,
}

impl Trace {
    /// # Errors
    /// When the file cannot be read, or a line of it is no record or out of order.
    pub fn open(path: &Path) -> Result<Self, TraceError> {
        let mut trace = Self { path: path.to_owned(), records: 0, oldest_ms: 0, newest_ms: 0, shift_ms: 0 };
        for record in Lines::open(path, 0)? {
            let at = record?.timestamp_ms;
            if trace.records == 0 {
                trace.oldest_ms = at;
            }
            trace.newest_ms = at;
            trace.records += 1;
        }
        if trace.records == 0 {
            return Err(TraceError::Empty { path: trace.path });
        }
        Ok(trace)
    }

    /// The same trace moved in time, so that its newest record is at `newest_ms`.
    #[must_use]
    pub fn ending_at(self, newest_ms: i64) -> Self {
        Self { shift_ms: newest_ms.saturating_sub(self.newest_ms), ..self }
    }

    /// The records, ascending by time.
    ///
    /// # Errors
    /// As `open`, if the file has changed since.
    pub fn read(&self) -> Result<impl Iterator<Item = Result<Record, TraceError>> + use<>, TraceError> {
        Lines::open(&self.path, self.shift_ms)
    }
}

struct Lines {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    shift_ms: i64,
    line: u64,
    above: i64,
    ended: bool,
}

impl Lines {
    fn open(path: &Path, shift_ms: i64) -> Result<Self, TraceError> {
        let file = File::open(path).map_err(|source| TraceError::Open { path: path.to_owned(), source })?;
        let is_gzip = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"));
        let input: Box<dyn BufRead + Send> = if is_gzip {
            Box::new(BufReader::new(MultiGzDecoder::new(BufReader::new(file))))
        } else {
            Box::new(BufReader::new(file))
        };
        Ok(Self { path: path.to_owned(), input, shift_ms, line: 0, above: i64::MIN, ended: false })
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, TraceError> {
        loop {
            self.line += 1;
            let mut text = Vec::new();
            let mut limited = self.input.by_ref().take(MAX_LINE_BYTES + 1);
            let read = limited.read_until(b'\n', &mut text).map_err(|source| TraceError::Read {
                path: self.path.clone(),
                line: self.line,
                source,
            })?;
            if read == 0 {
                return Ok(None);
            }
            if read as u64 > MAX_LINE_BYTES {
                return Err(self.bad(BadLine::TooLong));
            }
            if !text.trim_ascii().is_empty() {
                return Ok(Some(text));
            }
        }
    }

    fn bad(&self, reason: BadLine) -> TraceError {
        TraceError::Line { path: self.path.clone(), line: self.line, reason }
    }

    fn next_record(&mut self) -> Result<Option<Record>, TraceError> {
        let Some(text) = self.next_line()? else { return Ok(None) };
        let mut record = read_record(&text).map_err(|reason| self.bad(reason))?;
        if record.timestamp_ms < self.above {
            return Err(self.bad(BadLine::OutOfOrder { at: record.timestamp_ms, above: self.above }));
        }
        self.above = record.timestamp_ms;
        record.timestamp_ms = record.timestamp_ms.saturating_add(self.shift_ms);
        Ok(Some(record))
    }
}

impl Iterator for Lines {
    type Item = Result<Record, TraceError>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.next_record().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    object_id: &'a RawValue,
    #[serde(borrow)]
    object_name: Option<&'a RawValue>,
    #[serde(borrow)]
    object_type: &'a RawValue,
    #[serde(borrow)]
    event: &'a RawValue,
    #[serde(borrow)]
    user_id: &'a RawValue,
    #[serde(borrow)]
    full_name: Option<&'a RawValue>,
    #[serde(borrow)]
    timestamp: &'a RawValue,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

fn read_record(line: &[u8]) -> Result<Record, BadLine> {
    let wire: Wire<'_> = serde_json::from_slice(line).map_err(BadLine::NotARecord)?;
    let optional =
        |field, raw: Option<&RawValue>| raw.map_or_else(|| Ok(String::new()), |raw| text(field, raw));
    Ok(Record {
        object_id: text("objectId", wire.object_id)?,
        object_name: optional("objectName", wire.object_name)?,
        object_type: text("objectType", wire.object_type)?,
        event: text("event", wire.event)?,
        user_id: text("userId", wire.user_id)?,
        full_name: optional("fullName", wire.full_name)?,
        timestamp_ms: instant(&text("timestamp", wire.timestamp)?)?,
        meta: wire.meta.map(|meta| meta.get().to_owned()),
    })
}

/// A text as it is, a number as it is written.
fn text(field: &'static str, raw: &RawValue) -> Result<String, BadLine> {
    let raw = raw.get();
    if raw.starts_with('"') {
        return serde_json::from_str(raw).map_err(BadLine::NotARecord);
    }
    if raw.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return Ok(raw.to_owned());
    }
    Err(BadLine::NotAText { field, found: raw.chars().take(40).collect() })
}

/// ISO 8601 with or without fraction and zone (none means UTC), or epoch milliseconds.
fn instant(text: &str) -> Result<i64, BadLine> {
    let bad = || BadLine::NotATime(format!("`{}`", text.chars().take(40).collect::<String>()));
    let timestamp = if let Ok(ms) = text.parse() {
        Timestamp::from_millisecond(ms).ok()
    } else {
        text.parse().ok().or_else(|| {
            let civil: DateTime = text.parse().ok()?;
            civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
        })
    };
    timestamp.map(Timestamp::as_millisecond).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tempfile::TempDir;

    use super::*;

    const GOOD: &str = r#"{"objectId":"9","objectName":"Home","objectType":"WEBSITE_PAGE","event":"UPDATED","userId":"7","fullName":"Ada Vogt","timestamp":"2026-03-01T09:30:00.123Z","meta":{"n":9007199254740993}}"#;
    const NUMBERS: &str = r#"{"objectId":12,"objectType":"FILE","event":"CREATED","userId":7,"timestamp":1772357400500,"meta":null}"#;

    fn write(dir: &TempDir, name: &str, content: &str) -> PathBuf {
        let path = dir.path().join(name);
        if name.ends_with(".gz") {
            let mut gzip = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
            gzip.write_all(content.as_bytes()).unwrap();
            gzip.finish().unwrap();
        } else {
            std::fs::write(&path, content).unwrap();
        }
        path
    }

    fn read(trace: &Trace) -> Vec<Record> {
        trace.read().unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn plain_and_gzip_give_the_same_records_in_every_form_of_the_fields() {
        let dir = TempDir::new().unwrap();
        let content = format!("{GOOD}\n\n{NUMBERS}\r\n");
        let plain = read(&Trace::open(&write(&dir, "a.ndjson", &content)).unwrap());
        let gzip = read(&Trace::open(&write(&dir, "a.ndjson.gz", &content)).unwrap());
        assert_eq!(plain, gzip);
        assert_eq!(plain[0].timestamp_ms, 1_772_357_400_123);
        assert_eq!(plain[0].meta.as_deref(), Some(r#"{"n":9007199254740993}"#));
        assert_eq!((plain[1].object_id.as_str(), plain[1].user_id.as_str()), ("12", "7"));
        assert_eq!((plain[1].object_name.as_str(), plain[1].meta.as_deref()), ("", None));
    }

    #[test]
    fn a_shifted_trace_ends_where_it_is_told_and_keeps_its_rhythm() {
        let dir = TempDir::new().unwrap();
        let trace = Trace::open(&write(&dir, "a.ndjson", &format!("{GOOD}\n{NUMBERS}\n"))).unwrap();
        assert_eq!((trace.records, trace.newest_ms - trace.oldest_ms), (2, 377));
        let shifted = read(&trace.ending_at(2_000_000_000_000));
        assert_eq!(shifted[1].timestamp_ms, 2_000_000_000_000);
        assert_eq!(shifted[0].timestamp_ms, 2_000_000_000_000 - 377);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_the_way_out() {
        let dir = TempDir::new().unwrap();
        let no_user = GOOD.replace(r#""userId":"7","#, "");
        let no_time = GOOD.replace("2026-03-01T09:30:00.123Z", "yesterday");
        let a_list = GOOD.replace(r#""7""#, "[7]");
        for (second, wanted) in [
            ("nonsense", "line 2: not a record"),
            (no_user.as_str(), "missing field `userId`"),
            (no_time.as_str(), "`timestamp` is `yesterday` (use ISO 8601"),
            (a_list.as_str(), "`userId` is [7] (use a text or a number)"),
            (GOOD, "sort the file by `timestamp`"),
        ] {
            let path = write(&dir, "bad.ndjson", &format!("{NUMBERS}\n{second}\n"));
            let error = Trace::open(&path).unwrap_err().to_string();
            assert!(error.contains(wanted), "{error}");
            assert!(error.contains("bad.ndjson, line 2"), "{error}");
        }
    }

    #[test]
    fn a_missing_an_empty_and_a_cut_off_file_are_told_apart() {
        let dir = TempDir::new().unwrap();
        assert!(matches!(Trace::open(&dir.path().join("none")), Err(TraceError::Open { .. })));
        assert!(matches!(Trace::open(&write(&dir, "e.ndjson", "\n\n")), Err(TraceError::Empty { .. })));
        let path = write(&dir, "cut.ndjson.gz", &format!("{GOOD}\n").repeat(50));
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 12]).unwrap();
        assert!(matches!(Trace::open(&path), Err(TraceError::Read { .. })));
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let dir = TempDir::new().unwrap();
        let path = write(&dir, "long.ndjson.gz", &" x".repeat(5 * 1024 * 1024));
        let error = Trace::open(&path).unwrap_err();
        assert!(matches!(error, TraceError::Line { line: 1, reason: BadLine::TooLong, .. }), "{error}");
    }
}
