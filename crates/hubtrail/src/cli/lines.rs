//! A file of records, one a line, perhaps gzipped: read line by line, each with its number.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::read::MultiGzDecoder;

/// A record is a few hundred bytes, and the rows of a table some more; a line beyond this is no record.
const MAX_LINE_BYTES: u64 = 16 * 1024 * 1024;

pub(super) struct Lines {
    path: PathBuf,
    input: Box<dyn BufRead>,
    number: u64,
    line: Vec<u8>,
}

/// A line that is not blank, or why it cannot be a text.
pub(super) type Line<'a> = (u64, Result<&'a str, &'static str>);

impl Lines {
    /// `-` is stdin. Gzip is known by its first bytes, whatever the file is called.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let open = || {
            let file: Box<dyn Read> =
                if path == Path::new("-") { Box::new(io::stdin()) } else { Box::new(File::open(path)?) };
            let mut input = BufReader::with_capacity(1 << 16, file);
            let gzipped = input.fill_buf()?.starts_with(&[0x1f, 0x8b]);
            io::Result::Ok(if gzipped {
                Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(input))) as Box<dyn BufRead>
            } else {
                Box::new(input)
            })
        };
        let input = open().with_context(|| format!("open {}", path.display()))?;
        Ok(Self { path: path.to_owned(), input, number: 0, line: Vec::new() })
    }

    /// None at the end.
    ///
    /// # Errors
    /// When it cannot be read on.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Line<'_>>> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut most = self.input.by_ref().take(MAX_LINE_BYTES);
            let read = most.read_until(b'\n', &mut self.line).with_context(|| self.place())?;
            if read == 0 {
                return Ok(None);
            }
            let whole = self.line.ends_with(b"\n") || (read as u64) < MAX_LINE_BYTES;
            if !whole {
                self.input.skip_until(b'\n').with_context(|| self.place())?;
                return Ok(Some((self.number, Err("it is longer than any record"))));
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let text = std::str::from_utf8(self.line.trim_ascii()).map_err(|_| "it is not UTF-8");
        Ok(Some((self.number, text)))
    }

    /// What was read, as it is, also where it is no text.
    pub(super) fn bytes(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    fn place(&self) -> String {
        format!("read {}, line {} (is the file complete?)", self.path.display(), self.number)
    }
}
