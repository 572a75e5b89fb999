use super::*;

fn settings(json: &str) -> Result<Settings, String> {
    let settings: Settings = serde_json::from_str(json).map_err(|error| error.to_string())?;
    settings.check(By::Operator).map_err(|error| error.field.to_owned())?;
    Ok(settings)
}

#[test]
fn what_is_left_out_is_as_usual_and_what_is_said_reads_back() {
    let json = r#"{"name":"siem","format":"raw","target":{"kind":"http","url":"https://siem.example/in"}}"#;
    let http = settings(json).unwrap();
    assert_eq!((http.batch, http.original), (Limits::default(), true));
    assert!(http.select.events && http.select.findings);
    for json in [
        json,
        r#"{"name":"f","format":"ocsf","target":{"kind":"file","path":"a.ndjson","rotateMs":3600000}}"#,
        r#"{"name":"s","format":"cef","target":{"kind":"syslog","address":"siem.example:6514"}}"#,
        r#"{"name":"p","format":"raw","target":{"kind":"splunk_hec","url":"https://s.example:8088"}}"#,
        r#"{"name":"e","format":"ecs","target":{"kind":"elasticsearch","url":"https://e.example:9200"}}"#,
        r#"{"name":"o","format":"raw","target":{"kind":"stdout"},"select":{"severities":["high"]}}"#,
        r#"{"name":"d","format":"dnif","target":{"kind":"dnif","url":"https://d:2882/c/default/1/events","auth":{"method":"shared_secret","header":"X-Key"}}}"#,
    ] {
        let read = settings(json).unwrap();
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(settings(&written), Ok(read), "{written}");
    }
}

#[test]
fn what_is_refused_is_refused_by_field() {
    let target = r#""target":{"kind":"stdout"}"#;
    for (json, field) in [
        (format!(r#"{{"name":"","format":"raw",{target}}}"#), "name"),
        (format!(r#"{{"name":"a","format":"csv",{target}}}"#), "format"),
        (format!(r#"{{"name":"a","format":"raw",{target},"batch":{{"entries":0}}}}"#), "batch.entries"),
        (format!(r#"{{"name":"a","format":"raw",{target},"batch":{{"timeoutMs":1}}}}"#), "batch.timeout"),
        (format!(r#"{{"name":"a","format":"raw",{target},"select":{{"events":false,"findings":false}}}}"#), "select"),
        (
            format!(r#"{{"name":"a","format":"raw","target":{{"kind":"file","path":"a","rotateBytes":{}}}}}"#, 1_u64 << 63),
            "target.rotateBytes",
        ),
        (
            format!(r#"{{"name":"a","format":"raw","target":{{"kind":"file","path":"a","rotateMs":{}}}}}"#, i64::MAX),
            "target.rotateMs",
        ),
        (r#"{"name":"a","format":"cef","target":{"kind":"elasticsearch","url":"https://e"}}"#.to_owned(), "format"),
        (r#"{"name":"a","format":"cef","target":{"kind":"http","url":"https://e"}}"#.to_owned(), "target.body"),
        (r#"{"name":"a","format":"raw","target":{"kind":"syslog","address":"siem"}}"#.to_owned(), "target.address"),
        (
            r#"{"name":"a","format":"raw","target":{"kind":"syslog","address":"10.0.0.1:514","transport":"udp"}}"#
                .to_owned(),
            "target.transport",
        ),
        (
            r#"{"name":"a","format":"raw","target":{"kind":"syslog","address":"169.254.169.254:6514"}}"#.to_owned(),
            "target.address",
        ),
    ] {
        assert_eq!(settings(&json).unwrap_err(), field, "{json}");
    }
    for json in [
        r#"{"name":"a","format":"raw","target":{"kind":"stdout","x":1}}"#,
        r#"{"name":"a","format":"raw","target":{"kind":"carrier pigeon"}}"#,
        r#"{"name":"a","format":"rawish","target":{"kind":"stdout"}}"#,
        r#"{"name":"a","format":"raw","target":{"kind":"stdout"},"tokn":1}"#,
        r#"{"name":"a","format":"raw","target":{"kind":1}}"#,
        r#"{"name":"a","format":"raw","target":{"kind":"http","url":"https://e","auth":{"method":0}}}"#,
        r#"{"name":"a","format":"ecs","target":{"kind":"elasticsearch","url":"https://e","auth":{"method":0}}}"#,
        r#"{"name":"a","format":"raw","target":{"kind":"http","url":"https://e","auth":["none"]}}"#,
    ] {
        assert!(settings(json).is_err(), "{json}");
    }
}

#[test]
fn a_start_reads_back() {
    for text in ["beginning", "now", "30d", "2026-03-01T00:00:00.000Z"] {
        let start: Start = text.parse().unwrap();
        let again: Start = start.to_string().parse().unwrap();
        assert_eq!(start, again);
    }
    assert!("soon".parse::<Start>().unwrap_err().to_string().contains("beginning"));
}
