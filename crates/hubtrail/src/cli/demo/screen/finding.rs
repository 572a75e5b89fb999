//! A finding as a line that stands out among the events.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;

use crate::store::FindingEntry;

pub(super) fn line(to: &mut impl Write, entry: &FindingEntry) -> io::Result<()> {
    let finding = &entry.finding;
    let colour = match finding.severity {
        Severity::Critical | Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low | Severity::Informational => AnsiColor::Cyan,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let severity = finding.severity.as_str();
    writeln!(to, "{style}▲ {severity}: {}{style:#}", harmless(&finding.title))?;
    writeln!(to, "{style}▲{style:#} {}", harmless(&finding.reason))
}
