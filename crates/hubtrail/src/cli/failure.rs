//! How a failed command says so: `error: …` and, where there is one, `fix: …`, once, on stderr.

use std::io::Write;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use hubtrail_core::sentence::harmless;

use super::output::StdoutClosed;
use crate::config::ConfigError;

/// An error of the command line itself, with what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(super) struct Failure {
    what: String,
    fix: String,
    misuse: bool,
}

impl Failure {
    pub(super) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into(), misuse: false }
    }

    /// The command was called in a way that cannot work, which clap could not know.
    pub(super) fn misuse(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { misuse: true, ..Self::new(what, fix) }
    }
}

const FAILED: u8 = 1;
const MISUSED: u8 = 2;

/// Prints the error and answers with the exit code. A reader that has had enough is no error.
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    if error.chain().any(StdoutClosed::is) {
        return ExitCode::SUCCESS;
    }
    // Nobody is left to tell when stderr is gone as well.
    let _ = print(error, &mut anstream::stderr().lock());
    let misused = error.downcast_ref::<Failure>().is_some_and(|failure| failure.misuse);
    ExitCode::from(if misused { MISUSED } else { FAILED })
}

fn print(error: &anyhow::Error, to: &mut impl Write) -> std::io::Result<()> {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    let green = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
    let text = format!("{error:#}");
    writeln!(to, "{red}error:{red:#} {}", harmless(text.trim_end()))?;
    if let Some(fix) = error.chain().find_map(fix_of) {
        writeln!(to, "{green}fix:{green:#} {}", harmless(&fix))?;
    }
    Ok(())
}

fn fix_of(cause: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(failure) = cause.downcast_ref::<Failure>() {
        return Some(failure.fix.clone());
    }
    cause.downcast_ref::<ConfigError>().map(ConfigError::fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn an_error_is_one_line_and_its_fix_another() {
        let error = Err::<(), _>(Failure::new("no connector `acme`", "see `hubtrail connector list`"))
            .context("collect acme")
            .unwrap_err();
        let mut printed = anstream::StripStream::new(Vec::new());
        print(&error, &mut printed).unwrap();
        assert_eq!(
            String::from_utf8(printed.into_inner()).unwrap(),
            "error: collect acme: no connector `acme`\nfix: see `hubtrail connector list`\n"
        );
    }
}
