//! stdout, for programs byte by byte and for people with colours where they are wanted.
//!
//! When whoever reads it goes away (`| head`), the command ends quietly: see [`StdoutClosed`].

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstream::AutoStream;
use comfy_table::{ContentArrangement, Table, presets};

/// The reader of stdout is gone. Kept apart from the broken pipes of network connections.
#[derive(Debug, thiserror::Error)]
#[error("stdout was closed")]
pub struct StdoutClosed;

impl StdoutClosed {
    #[must_use]
    pub fn is(cause: &(dyn std::error::Error + 'static)) -> bool {
        cause.is::<Self>()
            || cause
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
                .is_some_and(|inner| inner.is::<Self>())
    }
}

/// A buffered stdout; flush it before the command ends.
pub struct Output<W: Write>(BufWriter<W>);

/// For programs: not a byte is added, removed or coloured.
#[must_use]
pub fn exact() -> Output<StdoutLock<'static>> {
    Output(BufWriter::with_capacity(64 * 1024, io::stdout().lock()))
}

/// For people: styles are kept on a terminal that wants them and removed elsewhere.
#[must_use]
pub fn styled() -> Output<AutoStream<StdoutLock<'static>>> {
    Output(BufWriter::new(AutoStream::auto(io::stdout()).lock()))
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(mark)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(mark)
    }
}

fn mark(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        io::Error::new(io::ErrorKind::BrokenPipe, StdoutClosed)
    } else {
        error
    }
}

/// Prints bytes as they are.
///
/// # Errors
/// When stdout cannot be written to.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut output = exact();
    output.write_all(bytes)?;
    output.flush()
}

/// Prints the outcome of an action.
///
/// # Errors
/// When stdout cannot be written to.
pub fn print_line(text: impl std::fmt::Display) -> io::Result<()> {
    print(format!("{text}\n").as_bytes())
}

/// Prints a value as indented JSON.
///
/// # Errors
/// When stdout cannot be written to.
pub fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(print(&text)?)
}

/// A table without lines, as wide as the terminal at most.
#[must_use]
pub fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header);
    if let Some(columns) = columns().and_then(|columns| u16::try_from(columns).ok()) {
        table.set_width(columns);
    }
    table
}

/// # Errors
/// When stdout cannot be written to.
pub fn print_table(table: &Table) -> io::Result<()> {
    let mut output = styled();
    for line in table.lines() {
        writeln!(output, "{}", line.trim())?;
    }
    output.flush()
}

/// Says something to the person at the keyboard, on stderr.
pub fn say(text: impl std::fmt::Display) {
    // A closed stderr must not end a collection that is under way.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

#[must_use]
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Columns of the terminal; none when stdout is not one, and lines may be as long as they are.
#[must_use]
pub fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    Some(usize::from(width.0))
}
