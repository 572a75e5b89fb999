//! One thing that was looked at, what was found and what to do about it; the line of every check-up.

use std::borrow::Cow;
use std::fmt;
use std::io::Write;

use anstyle::{AnsiColor, Style};
use hubtrail_core::sentence::harmless;
use serde::Serialize;

use super::output;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Ok,
    Warn,
    Fail,
    /// It was not looked at.
    Skip,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) what: Cow<'static, str>,
    pub(super) verdict: Verdict,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Check {
    pub(super) fn ok(what: impl Into<Cow<'static, str>>, found: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Ok, found: found.into(), fix: None }
    }

    pub(super) fn warn(
        what: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), verdict: Verdict::Warn, found: found.into(), fix: Some(fix.into()) }
    }

    pub(super) fn skip(what: impl Into<Cow<'static, str>>, why: impl Into<String>) -> Self {
        Self { what: what.into(), verdict: Verdict::Skip, found: why.into(), fix: None }
    }

    pub(super) fn fail(
        what: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self { what: what.into(), verdict: Verdict::Fail, found: found.into(), fix: Some(fix.into()) }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, colour) = match self.verdict {
            Verdict::Ok => ("ok", AnsiColor::Green),
            Verdict::Warn => ("warn", AnsiColor::Yellow),
            Verdict::Fail => ("fail", AnsiColor::Red),
            Verdict::Skip => ("skip", AnsiColor::Cyan),
        };
        let style = Style::new().bold().fg_color(Some(colour.into()));
        write!(f, "{style}{word:<4}{style:#}  {:<15} {}", harmless(&self.what), harmless(&self.found))?;
        match &self.fix {
            Some(fix) => write!(f, "\n      {:<15} fix: {}", "", harmless(fix)),
            None => Ok(()),
        }
    }
}

pub(super) fn print(checks: &[Check]) -> std::io::Result<()> {
    let mut output = output::styled();
    for check in checks {
        writeln!(output, "{check}")?;
    }
    output.flush()
}
