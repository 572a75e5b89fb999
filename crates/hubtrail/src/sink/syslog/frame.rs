//! One entry as a syslog message.

use std::io::Write as _;

use hubtrail_core::finding::Severity;

use super::{Protocol, Syslog};
use crate::sink::Item;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Its length in front, as RFC 6587 has it.
    Counted,
    /// A datagram is a message.
    Alone,
}

pub(super) fn append(settings: &Syslog, item: &Item, framing: Framing, to: &mut Vec<u8>) {
    let header = match settings.protocol {
        Protocol::Rfc5424 => rfc5424(settings, item),
        Protocol::Rfc3164 => rfc3164(settings, item),
    };
    if framing == Framing::Counted {
        // Writing to a vector cannot fail.
        let _ = write!(to, "{} ", header.len() + item.body.len());
    }
    to.extend_from_slice(header.as_bytes());
    to.extend_from_slice(&item.body);
}

fn priority(facility: u8, severity: Severity) -> u16 {
    let severity = match severity {
        Severity::Critical => 2,
        Severity::High => 3,
        Severity::Medium => 4,
        Severity::Low => 5,
        Severity::Informational => 6,
    };
    u16::from(facility) * 8 + severity
}

/// 32473 is the enterprise number that RFC 5612 reserves for those who have none.
fn rfc5424(settings: &Syslog, item: &Item) -> String {
    let Syslog { facility, hostname, app_name, .. } = settings;
    let kind = if item.id.starts_with("f1-") { "finding" } else { "event" };
    format!(
        "<{}>1 {} {hostname} {app_name} - {kind} [hubtrail@32473 id=\"{}\"] ",
        priority(*facility, item.severity),
        item.time,
        item.id,
    )
}

/// The year is not part of it, nor are fractions; the body has both.
fn rfc3164(settings: &Syslog, item: &Item) -> String {
    let Syslog { facility, hostname, app_name, .. } = settings;
    let tag: String = app_name.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let time = item.time.to_timestamp().strftime("%b %e %H:%M:%S");
    format!("<{}>{time} {hostname} {tag}: ", priority(*facility, item.severity))
}

#[cfg(test)]
mod tests {
    use hubtrail_core::time::UtcMs;

    use super::*;
    use crate::store::Position;

    fn item(severity: Severity, body: &str) -> Item {
        Item {
            position: Position(1),
            id: "h1-0a".to_owned(),
            time: UtcMs(1_710_081_138_123),
            severity,
            body: body.as_bytes().to_vec(),
        }
    }

    fn message(protocol: &str, framing: Framing, item: &Item) -> String {
        let json = format!(r#"{{"address":"127.0.0.1:514","transport":"udp","protocol":"{protocol}"}}"#);
        let settings: Syslog = serde_json::from_str(&json).unwrap();
        let mut bytes = Vec::new();
        append(&settings, item, framing, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_message_is_as_the_rfcs_have_it() {
        let event = item(Severity::Informational, "{\"ü\":1}");
        assert_eq!(
            message("rfc5424", Framing::Alone, &event),
            "<110>1 2024-03-10T14:32:18.123Z hubtrail hubtrail - event [hubtrail@32473 id=\"h1-0a\"] {\"ü\":1}"
        );
        assert_eq!(
            message("rfc3164", Framing::Alone, &event),
            "<110>Mar 10 14:32:18 hubtrail hubtrail: {\"ü\":1}"
        );
        let critical = item(Severity::Critical, "x");
        assert!(message("rfc5424", Framing::Alone, &critical).starts_with("<106>1 "));
    }

    #[test]
    fn the_count_is_of_bytes() {
        let counted = message("rfc3164", Framing::Counted, &item(Severity::Low, "ü"));
        let (count, rest) = counted.split_once(' ').unwrap();
        assert_eq!(count.parse::<usize>().unwrap(), rest.len());
    }
}
