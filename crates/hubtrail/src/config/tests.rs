use std::path::PathBuf;

use hubtrail_core::time::UtcMs;
use secrecy::ExposeSecret;

use super::*;
use crate::connector::Start;

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
        (
            "[server]\npublic_url = \"https://a.example/x\"",
            "2:1: server.public_url cannot be used: it is more",
        ),
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
fn an_address_of_the_console_with_a_password_is_refused_and_not_repeated() {
    for url in ["https://me:hunter2@a.example", "https://me:hunter2", "https://a.example:hunter2/"] {
        let refused = refused(&format!("[server]\npublic_url = \"{url}\""), &[]);
        assert!(refused.contains("public_url cannot be used: "), "{refused}");
        assert!(!refused.contains("hunter2"), "{refused}");
    }
}

#[test]
fn a_declared_connector_is_what_it_would_be_when_added_by_hand() {
    let file = "[[connector]]\nname = \" acme \"\ntoken_file = \"t\"\nstart = \"30d\"\nlabels = [\"emea\"]\n\
                [[connector]]\nname = \"globex\"\ntoken_env = \"T\"\npoll_interval = \"1m\"\npaused = true\n";
    let config = Config::from_layers(&layers(file, &[])).unwrap();
    let [acme, globex] = config.connectors.as_slice() else { panic!("two are declared") };
    let made_at = UtcMs(1_710_081_138_123);
    let settings = acme.settings(made_at, true);
    assert_eq!((settings.name.as_str(), settings.paused), ("acme", true), "what it does not say stays");
    assert_eq!(settings.start, Start::Since(made_at.minus(30 * 86_400_000)), "told from when it was made");
    assert_eq!(settings.labels, ["emea"]);
    let settings = globex.settings(made_at, false);
    assert_eq!((settings.poll_interval_ms, settings.paused, settings.start), (60_000, true, Start::All));
    let unread = acme.credentials().unwrap_err();
    assert!(
        unread.to_string().contains("hubtrail.toml:1:1: read /etc/hubtrail/t"),
        "beside the file: {unread}"
    );
}

#[test]
fn a_connector_that_cannot_be_is_refused_at_its_place() {
    let with = |more: &str| format!("[[connector]]\nname = \"acme\"\ntoken_env = \"T\"\n{more}");
    for (file, message) in [
        (
            with("pol_interval = 1"),
            ":4:1: unknown key `pol_interval` in [[connector]]\ndid you mean `poll_in",
        ),
        (with("poll_interval = \"10\""), ":4:1: connector.poll_interval cannot be `10`\nwrite it as 10s"),
        (with("poll_interval = \"2h\""), ":4:1: connector.poll_interval 7200000 ms is outside"),
        (with("labels = \"emea\""), ":4:1: connector.labels is not a list of strings\nwrite it as ["),
        (with("labels = [\"\"]"), ":4:1: connector.labels `` has 0 characters"),
        (with("rate_limit = \"off\""), ":4:1: connector.rate_limit `off` would starve"),
        (with("start = \"soon\""), ":4:1: connector.start cannot be `soon`"),
        (with("token_file = \"t\""), ":4:1: connector.token_file is not the only place of the token"),
        (with("retention = 30"), ":4:1: connector.retention cannot be `30`\nwrite default, forever, or days"),
        (
            with("alert_budget = 2.5"),
            ":4:1: connector.alert_budget cannot be `2.5`\nwrite default, or a number of alerts",
        ),
        (with("page_size = [1]"), ":4:1: connector.page_size is not a plain value"),
        ("[[connector]]\nname = \"acme\"".to_owned(), ":1:1: connector.token_file is missing\nsay where"),
        ("[[connector]]\ntoken_env = \"T\"".to_owned(), ":1:1: connector.name is missing"),
        ("[connector]\nname = \"acme\"".to_owned(), "connector is not a list of connectors"),
        (with("") + &with("").replace("acme", "ACME"), ":4:1: connector `ACME` is declared at "),
        (
            "[[connectr]]\nname = \"acme\"".to_owned(),
            ":1:3: unknown key `connectr` outside of a section\ndid you mean `connector`?",
        ),
    ] {
        let refused = refused(&file, &[]);
        assert!(refused.contains(message), "{file}\n{refused}");
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
    for key in setting::every_key() {
        assert!(
            settings.iter().any(|line| line.starts_with(&format!("{key} = "))),
            "{key} is not in the example"
        );
    }
}
