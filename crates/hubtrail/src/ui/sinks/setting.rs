//! What may be said of a receiver, kind by kind: each setting with its words, and how it reads as a text.

use serde_json::{Map, Value};

use crate::http::Problem;
use crate::moment::{length, length_ms};

/// One setting of a target, as the API has it.
pub(super) struct Setting {
    /// Its place within the target.
    pub(super) at: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) example: &'static str,
    pub(super) form: Form,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A line that must not be blank.
    Needed,
    Line,
    Lines,
    /// One `Name: value` a line.
    Headers,
    Number,
    Length,
    Flag,
    Choice(&'static [(&'static str, &'static str)]),
}

const fn setting(at: &'static str, label: &'static str, form: Form) -> Setting {
    Setting { at, label, hint: "", example: "", form }
}

impl Setting {
    const fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }
}

use Form::{Choice, Flag, Headers, Length, Line, Lines, Needed, Number};

const SPLUNK: &[Setting] = &[
    setting("url", "Address", Needed).example("https://splunk.example.org:8088"),
    setting("index", "Index", Line).example("the token’s own"),
];
const SPLUNK_MORE: &[Setting] = &[
    setting("source", "Source", Line),
    setting("sourcetype", "Source type", Line).example("hubtrail: and the format"),
    setting("host", "Host", Line),
    setting("acknowledge", "A batch counts when the indexers have acknowledged it", Flag),
    setting("gzip", "Compressed", Flag),
];
const ELASTIC: &[Setting] = &[
    setting("url", "Address", Needed).example("https://elastic.example.org:9200"),
    setting("index", "Data stream or index", Line).example("logs-hubtrail-default"),
];
const ELASTIC_MORE: &[Setting] =
    &[setting("pipeline", "Ingest pipeline", Line).example("none"), setting("gzip", "Compressed", Flag)];
const SYSLOG: &[Setting] = &[
    setting("address", "Address", Needed).example("siem.example.org:6514").hint("Host and port"),
    setting("transport", "Transport", Choice(&[("tls", "TLS"), ("tcp", "TCP"), ("udp", "UDP")])),
];
const SYSLOG_MORE: &[Setting] = &[
    setting(
        "protocol",
        "Protocol",
        Choice(&[("rfc5424", "RFC 5424"), ("rfc3164", "RFC 3164, for old receivers")]),
    ),
    setting("facility", "Facility", Number).hint("0 to 23; 13 is the log audit"),
    setting("hostname", "Host name", Line),
    setting("appName", "Application", Line),
    setting("confirm", "A batch counts when the receiver has closed the connection after it", Flag),
];
const HTTP: &[Setting] = &[setting("url", "Address", Needed).example("https://siem.example.org/ingest")];
const DNIF: &[Setting] = &[setting("url", "Address", Needed)
    .example("https://dnif.example.org:2882/CLUSTER/default/ID/events")
    .hint("It ends in /events")];
const HTTP_MORE: &[Setting] = &[
    setting("body", "Body", Choice(&[("json_array", "One JSON array"), ("ndjson", "One entry a line")])),
    setting("headers", "Further headers", Headers)
        .example("X-Tenant: acme")
        .hint("One a line. They are shown: what is secret belongs above."),
    setting("gzip", "Compressed", Flag),
];
const FILE: &[Setting] = &[setting("path", "File", Needed)
    .example("hubspot.ndjson")
    .hint("Below the folder export of the data directory")];
const FILE_MORE: &[Setting] = &[
    setting("rotateBytes", "Turned over at", Number).hint("Bytes"),
    setting("rotateMs", "And every", Length).example("by size only").hint("Such as 1h or 1d"),
    setting(
        "compression",
        "What was turned over is packed with",
        Choice(&[("zstd", "zstd"), ("gzip", "gzip"), ("none", "nothing")]),
    ),
];
const CONNECTION: &[Setting] = &[
    setting("connection.allowPlaintext", "Unencrypted also to other machines", Flag),
    setting("connection.ca", "Certificates of authorities that are trusted besides the system’s", Lines)
        .example("-----BEGIN CERTIFICATE-----"),
    setting("connection.clientCertificate", "Client certificate", Lines)
        .example("-----BEGIN CERTIFICATE-----")
        .hint("For receivers that ask for one. Its key comes with it, below."),
];

/// Those that most people set, and the others.
pub(super) fn of(kind: &str) -> (&'static [Setting], [&'static [Setting]; 2]) {
    match kind {
        "splunk_hec" => (SPLUNK, [SPLUNK_MORE, CONNECTION]),
        "elasticsearch" => (ELASTIC, [ELASTIC_MORE, CONNECTION]),
        "syslog" => (SYSLOG, [SYSLOG_MORE, CONNECTION]),
        "http" => (HTTP, [HTTP_MORE, CONNECTION]),
        "dnif" => (DNIF, [HTTP_MORE, CONNECTION]),
        "file" => (FILE, [FILE_MORE, &[]]),
        _ => (&[], [&[], &[]]),
    }
}

/// Ways to sign in.
pub(super) fn methods(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "elasticsearch" => &[("none", "Nothing"), ("api_key", "An API key"), ("basic", "User and password")],
        "http" | "dnif" => &[
            ("none", "Nothing"),
            ("bearer", "A bearer token"),
            ("basic", "User and password"),
            ("shared_secret", "A secret in a header"),
            ("standard_webhooks", "A signature, as Standard Webhooks has it"),
            ("hmac", "An HMAC signature in a header"),
        ],
        _ => &[],
    }
}

impl Setting {
    pub(super) fn name(&self) -> String {
        format!("target.{}", self.at)
    }

    /// As a target has it; blank: it has none.
    pub(super) fn text(&self, target: &Value) -> String {
        let value = target.pointer(&format!("/{}", self.at.replace('.', "/")));
        match (self.form, value) {
            (Length, Some(Value::Number(ms))) => length(ms.as_i64().unwrap_or_default()),
            (Flag, Some(Value::Bool(true))) => "yes".to_owned(),
            (Headers, Some(Value::Object(headers))) => {
                let lines = headers
                    .iter()
                    .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap_or_default()));
                lines.collect::<Vec<_>>().join("\n")
            }
            (_, Some(Value::String(text))) => text.clone(),
            (Number, Some(Value::Number(number))) => number.to_string(),
            _ => String::new(),
        }
    }

    /// Writes a text into a target. Blank is as the API has it when it is left out.
    pub(super) fn put(&self, target: &mut Value, text: &str) -> Result<(), Problem> {
        let value = self.value(text)?;
        let (parent, key) = match self.at.split_once('.') {
            Some((parent, key)) => (&mut target[parent], key),
            None => (target, self.at),
        };
        let Some(parent) = parent.as_object_mut() else { return Ok(()) };
        match value {
            Some(value) => parent.insert(key.to_owned(), value),
            None => parent.remove(key),
        };
        Ok(())
    }

    fn value(&self, text: &str) -> Result<Option<Value>, Problem> {
        let refused = |why: String, fix: &str| Problem::invalid(&self.name(), why, fix);
        Ok(match self.form {
            Flag => Some((text == "yes").into()),
            Needed => Some(text.into()),
            _ if text.is_empty() => None,
            Line | Lines | Choice(_) => Some(text.into()),
            Number => {
                let number: u64 = text
                    .parse()
                    .map_err(|_| refused(format!("`{text}` is no number"), "write digits only"))?;
                Some(number.into())
            }
            Length => {
                let ms = length_ms(text)
                    .map_err(|error| refused(format!("it is {error}"), "write it as 1h or 1d"))?;
                Some(ms.into())
            }
            Headers => {
                let mut headers = Map::new();
                for line in text.lines().filter(|line| !line.trim().is_empty()) {
                    let (name, value) = line.split_once(':').ok_or_else(|| {
                        refused(format!("`{line}` is no header"), "write it as X-Name: value")
                    })?;
                    headers.insert(name.trim().to_owned(), value.trim().into());
                }
                Some(headers.into())
            }
        })
    }

    /// What to do when the API's own reader cannot read the value.
    pub(super) const fn fix(&self) -> &'static str {
        match (self.form, self.at.as_bytes()) {
            (Needed, b"url") => "write it as https://siem.example.org:8088",
            (Needed, _) => "fill it in",
            (Number, _) => "use a smaller number",
            _ => "choose one of the list",
        }
    }
}
