use std::path::PathBuf;

use secrecy::ExposeSecret;

use super::*;

const EXAMPLE: &str = include_str!("../../../../examples/hubtrail.toml");

fn layers(file: &str, environment: &[(&str, &str)]) -> Layers {
    Layers {
        file: Some((PathBuf::from("/etc/hubtrail/hubtrail.toml"), file.to_owned())),
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        data_dir: None,
    }
}

fn refused(file: &str, environment: &[(&str, &str)]) -> String {
    let error = Config::from_layers(&layers(file, environment)).unwrap_err();
    format!("{error}\n{}", error.fix())
}

#[test]
fn each_layer_overlays_the_one_below() {
    let file = "[server]\nlisten = \"127.0.0.1:1000\"\n[storage]\ndata_dir = \"data\"\nretention_days = 90\n";
    let mut layers = layers(file, &[("HUBTRAIL__SERVER__LISTEN", "127.0.0.1:2000")]);
    let config = Config::from_layers(&layers).unwrap();
    assert_eq!(config.server.listen.port(), 2000);
    assert_eq!(config.storage.data_dir, PathBuf::from("/etc/hubtrail/data"), "relative to the file");
    assert_eq!(config.storage.retention_days, Some(90));
    layers.data_dir = Some(PathBuf::from("elsewhere"));
    assert_eq!(Config::from_layers(&layers).unwrap().storage.data_dir, PathBuf::from("elsewhere"));
}

#[test]
fn the_conventional_proxy_is_used_below_our_own_setting() {
    let conventional = [("HTTPS_PROXY", "proxy.example:3128"), ("no_proxy", "localhost,.example.org")];
    let config = Config::from_layers(&layers("", &conventional)).unwrap();
    assert_eq!(config.network.proxy.unwrap().expose_secret(), "http://proxy.example:3128");
    assert_eq!(config.network.no_proxy.as_deref(), Some("localhost,.example.org"));
    let ours =
        Config::from_layers(&layers("[network]\nproxy = \"socks5://10.0.0.1:1080\"", &conventional)).unwrap();
    assert_eq!(ours.network.proxy.unwrap().expose_secret(), "socks5://10.0.0.1:1080");
}

#[test]
fn what_is_not_known_is_refused_at_its_place_with_what_was_meant() {
    for (file, message) in [
        (
            "[server]\n  lisen = 1",
            "/etc/hubtrail/hubtrail.toml:2:3: unknown key `lisen` in [server]\ndid you mean `listen`?",
        ),
        (
            "\n[servers]\nlisten = 1",
            "/etc/hubtrail/hubtrail.toml:2:2: unknown section [servers]\ndid you mean `server`?",
        ),
        (
            "[server]\ndata_dir = \"x\"",
            "/etc/hubtrail/hubtrail.toml:2:1: unknown key `data_dir` in [server]\n`data_dir` belongs in [storage]",
        ),
        (
            "level = \"info\"",
            "/etc/hubtrail/hubtrail.toml:1:1: unknown key `level` outside of a section\n`level` belongs in [log]",
        ),
        (
            "[log]\ncolour = true",
            "/etc/hubtrail/hubtrail.toml:2:1: unknown key `colour` in [log]\nthe keys of [log] are level, format",
        ),
    ] {
        assert_eq!(refused(file, &[]), message);
    }
    assert_eq!(
        refused("", &[("HUBTRAIL__LOG__LEVL", "info")]),
        "environment variable HUBTRAIL__LOG__LEVL: unknown key `levl` in [log]\ndid you mean `level`?"
    );
    assert!(refused("", &[("HUBTRAIL__LEVEL", "info")]).contains("`level` belongs in [log]"));
}

#[test]
fn a_value_that_cannot_be_is_refused_with_the_way_to_write_it() {
    for (file, message) in [
        ("[server]\nlisten = 8787", ":2:1: server.listen cannot be `8787`\nwrite it as 127.0.0.1:8787"),
        ("[storage]\nretention_days = 0", "storage.retention_days cannot be `0`\nwrite whole days"),
        ("[network]\nconnect_timeout = 10", "network.connect_timeout cannot be `10`\nwrite it as 10s"),
        ("[server]\ntls_key = \"k.pem\"", "[server] has `tls_key` and no `tls_certificate`\nadd `tls_cert"),
        ("[server]\npublic_url = \"https://a.example/x\"", "2:1: server.public_url cannot be `https://a.ex"),
        ("[log]\nlevel = \"loud\"", "log.level cannot be `loud`\nwrite one of off, error"),
        ("[log]\nformat = [\"json\"]", "log.format is not a plain value\nwrite a string in quotes"),
        ("[security]\nkey_file = \"\"", "security.key_file is empty\nwrite a path"),
        ("[server\nlisten", "hubtrail.toml:1:8: "),
    ] {
        let refused = refused(file, &[]);
        assert!(refused.contains(message), "{refused}");
    }
}

#[test]
fn a_secret_enters_neither_a_message_nor_the_debug_form() {
    let config = Config::from_layers(&layers("", &[("HUBTRAIL__SECURITY__KEY", "hunter2")])).unwrap();
    assert_eq!(config.security.key.as_ref().unwrap().expose_secret(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!refused("", &[("HTTPS_PROXY", "ftp://me:hunter2@proxy")]).contains("hunter2"));
    assert!(!refused("[security]\nkey = [\"hunter2\"]", &[]).contains("hunter2"));
}

#[test]
fn the_example_names_every_key_and_holds_when_its_comments_are_taken_away() {
    Config::from_layers(&layers(EXAMPLE, &[])).unwrap();
    let uncommented: String =
        EXAMPLE.lines().map(|line| format!("{}\n", line.strip_prefix("#").unwrap_or(line))).collect();
    let settings: Vec<_> = uncommented.lines().filter(|line| !line.starts_with(' ')).collect();
    Config::from_layers(&layers(&settings.join("\n"), &[])).unwrap();
    for (_, key) in setting::every_key() {
        assert!(
            settings.iter().any(|line| line.starts_with(&format!("{key} = "))),
            "{key} is not in the example"
        );
    }
}
