//! Configurations that nobody should write: taken, or refused at a place, with a fix, and without a secret.

use proptest::prelude::*;

use super::*;
use crate::damage::damaged_text;
use crate::moment::{length, length_ms};

const SECRET: &str = "5ecre7";
const FILES: &[&str] = &[
    include_str!("../../../../examples/hubtrail.toml"),
    "[server]\nlisten = \"127.0.0.1:1\"\npublic_url = \"https://h.example\"\ntrusted_proxies = \"::1\"\n[storage]\nretention_days = 9\n\
     [security]\nkey = \"5ecre7\"\n[network]\nproxy = \"http://me:5ecre7@proxy:1\"\n[log]\nlevel = \"info\"\n",
    "[[connector]]\nname = \"acme\"\ntoken_file = \"t\"\nstart = \"30d\"\nlabels = [\"emea\"]\npoll_interval = \"10s\"\nrate_limit = \"50/10\"\n\
     [[connector]]\nname = \"b\"\ntoken_env = \"T\"\npaused = true\npage_size = 100\napi_version = \"v3\"\n",
];
const VALUES: &[&str] =
    &["127.0.0.1:8787", "http://me:5ecre7@proxy:3128", "10s", "5ecre7", "info", "400", "true"];

fn judged(config: Result<Config, ConfigError>, lines: usize) -> Result<(), TestCaseError> {
    let Err(error) = config else { return Ok(()) };
    let (said, fix) = (error.to_string(), error.fix());
    prop_assert!(!said.is_empty() && !fix.is_empty(), "{}", said);
    let place = match &error {
        ConfigError::Syntax { place, .. }
        | ConfigError::Unknown { place, .. }
        | ConfigError::BadValue { place, .. } => Some(place),
        _ => None,
    };
    if let Some(Place::File { line, column, .. }) = place {
        prop_assert!((1..=lines + 1).contains(line) && *column > 0, "{} of {} lines", said, lines);
    }
    Ok(())
}

proptest! {
    #[test]
    fn whatever_a_file_says_is_taken_or_refused_at_its_place(text in damaged_text(FILES)) {
        let lines = text.split('\n').count();
        let layers = Layers { file: Some((PathBuf::from("h.toml"), text)), ..Layers::default() };
        judged(Config::from_layers(&layers), lines)?;
    }

    #[test]
    fn whatever_a_variable_says_is_taken_or_refused_and_a_secret_is_not_repeated(
        key in proptest::sample::select(vec![
            "SERVER__LISTEN", "SERVER__PUBLIC_URL", "SERVER__TRUSTED_PROXIES", "STORAGE__RETENTION_DAYS",
            "NETWORK__CONNECT_TIMEOUT", "NETWORK__PROXY", "SECURITY__KEY", "LOG__LEVEL", "LOG", "", "SECURITY__KE",
        ]),
        value in damaged_text(VALUES),
    ) {
        let layers = Layers { environment: vec![(format!("{PREFIX}{key}"), value)], ..Layers::default() };
        let read = Config::from_layers(&layers);
        if let (Err(error), "NETWORK__PROXY" | "SECURITY__KEY" | "SECURITY__KE") = (&read, key) {
            prop_assert!(!format!("{error} {} {error:?}", error.fix()).contains(SECRET), "{}", error);
        }
        judged(read, 0)?;
    }

    #[test]
    fn whatever_is_given_as_a_length_is_read_or_refused(text in damaged_text(&["10s", "5 min", "30d", "500ms", "2w"])) {
        if let Ok(ms) = length_ms(&text) {
            prop_assert_eq!(length_ms(&length(ms)), Ok(ms), "{}", text);
        }
    }
}
