use super::super::{Config, Layers};
use super::*;

fn read(text: &str) -> Result<Vec<DeclaredSink>, String> {
    let layers =
        Layers { file: Some((PathBuf::from("hubtrail.toml"), text.to_owned())), ..Layers::default() };
    Config::from_layers(&layers).map(|config| config.sinks).map_err(|error| error.to_string())
}

const SIEM: &str = r#"
[[sink]]
name = "siem"
format = "ocsf"
start = "30d"

[sink.target]
kind = "http"
url = "https://siem.example/ingest"
headers = { X-Scope_OrgID = "acme" }
auth = { method = "shared_secret", header = "X-Key" }
connection = { allow_plaintext = false }

[sink.select]
accounts = ["acme"]
object_types = ["DOMAIN"]
severities = ["high"]

[sink.batch]
wait_ms = 250

[sink.credentials]
token_env = "SIEM_TOKEN"
"#;

#[test]
fn a_sink_is_declared_in_the_files_own_spelling() {
    let [sink] = read(SIEM).unwrap().try_into().ok().unwrap();
    assert_eq!((sink.name(), sink.accounts.as_slice()), ("siem", &["acme".to_owned()][..]));
    let settings = sink.settings(vec![crate::connector::ConnectorId(7)]);
    assert_eq!(settings.select.object_types, ["DOMAIN"]);
    assert_eq!(settings.batch.wait_ms, 250);
    let Target::Http(http) = &settings.target else { panic!("it is an http sink") };
    assert_eq!(http.headers.get("X-Scope_OrgID").map(String::as_str), Some("acme"));
    let error = sink.credentials().err().unwrap().to_string();
    assert!(error.contains("SIEM_TOKEN is not set"), "{error}");
}

#[test]
fn what_cannot_be_names_its_place() {
    let changed = |from: &str, to: &str| read(&SIEM.replace(from, to)).unwrap_err();
    for (from, to, place, said) in [
        ("object_types", "object_typs", "hubtrail.toml:2:", "object_typs"),
        ("wait_ms = 250", "wait = 250", "hubtrail.toml:20:1", "wait_ms"),
        ("wait_ms = 250", "entries = 0", "hubtrail.toml:2:", "batch.entries"),
        ("kind = \"http\"", "kind = \"pigeon\"", "hubtrail.toml:", "pigeon"),
        ("format = \"ocsf\"", "format = \"odd\"", "hubtrail.toml:2:", "odd"),
        ("https://siem.example", "http://siem.example", "hubtrail.toml:2:", "unencrypted"),
        ("token_env", "token", "hubtrail.toml:23:1", "token_env"),
        ("[[sink]]", "[sink]", "hubtrail.toml:2:1", "list of sinks"),
    ] {
        let error = changed(from, to);
        assert!(error.contains(place) && error.contains(said), "{to}: {error}");
    }
    let twice = format!("{SIEM}{}", SIEM.replace("\"siem\"", "\"SIEM\""));
    assert!(read(&twice).unwrap_err().contains("already"));
}

#[test]
fn a_secret_that_stands_where_its_place_belongs_is_not_repeated() {
    for (from, to, said) in [
        ("start = \"30d\"", "credentials = \"hunter2\"", "a string, expected"),
        (
            "auth = { method = \"shared_secret\", header = \"X-Key\" }",
            "auth = \"hunter2\"",
            "a string, expected",
        ),
        ("headers = { X-Scope_OrgID = \"acme\" }", "headers = \"X-Key: hunter2\"", "a string, expected"),
        ("https://siem", "https://me:hunter2@siem", "password"),
    ] {
        let rest = if to.starts_with("credentials") {
            SIEM.split("[sink.credentials]").next().unwrap()
        } else {
            SIEM
        };
        let error = read(&rest.replace(from, to)).unwrap_err();
        assert!(error.contains(said) && !error.contains("hunter2"), "{error}");
    }
}
