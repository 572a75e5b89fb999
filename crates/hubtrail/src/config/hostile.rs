//! Configurations that nobody should write: taken, or refused at a place, with a fix, and without a secret.

mod seeds;

use proptest::prelude::*;

use self::seeds::{ACTIVE, FILES, SECRET};
use super::*;
use crate::damage::damaged_text;
use crate::moment::{length, length_ms};

const VALUES: &[&str] = &[
    "127.0.0.1:8787",
    "http://me:5ecre7@proxy:3128",
    "https://me:5ecre7@h.example",
    "10s",
    "5ecre7",
    "info",
    "400",
    "0.5",
    "true",
    "json",
    "/etc/hubtrail/tls.crt",
];
const VARIABLES: &[&str] = &[
    "SERVER__LISTEN",
    "SERVER__PUBLIC_URL",
    "SERVER__TRUSTED_PROXIES",
    "SERVER__TLS_KEY",
    "SERVER__OPEN_METRICS",
    "STORAGE__DATA_DIR",
    "STORAGE__RETENTION_DAYS",
    "STORAGE__SINK_WAIT_DAYS",
    "DETECTION__RULES",
    "DETECTION__ALERT_BUDGET",
    "DETECTION__RETENTION_DAYS",
    "NETWORK__CONNECT_TIMEOUT",
    "NETWORK__PROXY",
    "NETWORK__NO_PROXY",
    "NETWORK__EXTRA_CA",
    "SECURITY__KEY",
    "SECURITY__KEY_FILE",
    "LOG__LEVEL",
    "LOG__FORMAT",
    "LOG",
    "",
    "SECURITY__KE",
];
/// Whose values are never repeated, also where they cannot be used.
const SECRET_VARIABLES: &[&str] = &["SERVER__PUBLIC_URL", "NETWORK__PROXY", "SECURITY__KEY", "SECURITY__KE"];
/// What stands in front of a secret that is where secrets go, or where somebody puts one by mistake.
const SECRET_KEYS: &[&str] = &[
    "key = ",
    "proxy = ",
    "public_url = ",
    "url = ",
    "base_url = ",
    "token = ",
    "credentials = ",
    "auth = ",
];

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

fn read_file(text: &str) -> Result<Config, ConfigError> {
    let layers = Layers { file: Some((PathBuf::from("h.toml"), text.to_owned())), ..Layers::default() };
    Config::from_layers(&layers)
}

/// Whether the damage left every secret the value of a key that holds one: what slid to `listen` or became the name of a
/// key is no secret by any sign of it.
fn secrets_are_in_their_places(text: &str) -> bool {
    let mut with_secret = text.lines().filter(|line| line.contains(SECRET));
    let several_lines = text.contains("\"\"\"") || text.contains("'''");
    !several_lines && with_secret.all(|line| SECRET_KEYS.iter().any(|key| line.starts_with(key)))
}

fn assert_repeats_no_secret(error: &ConfigError) -> Result<(), TestCaseError> {
    let all = format!("{error} {} {error:?}", error.fix());
    prop_assert!(!all.contains(SECRET), "{}", all);
    Ok(())
}

#[test]
fn the_seeds_are_whole_configurations_and_declare_a_sink_of_each_kind() {
    let mut kinds = Vec::new();
    for text in ACTIVE {
        let config = read_file(text).unwrap_or_else(|error| panic!("{error}: {}\n{text}", error.fix()));
        kinds.extend(config.sinks.iter().map(|sink| sink.settings(Vec::new()).target.kind()));
    }
    kinds.sort_unstable();
    let mut all = crate::sink::Target::KINDS;
    all.sort_unstable();
    assert_eq!(kinds, all);
    assert!(FILES.iter().all(|text| secrets_are_in_their_places(text)));
}

proptest! {
    #[test]
    fn whatever_a_file_says_is_taken_or_refused_at_its_place_and_no_secret_is_repeated(
        text in prop_oneof![3 => damaged_text(ACTIVE), 2 => damaged_text(FILES)],
    ) {
        let read = read_file(&text);
        if let Err(error) = &read && secrets_are_in_their_places(&text) {
            assert_repeats_no_secret(error)?;
        }
        judged(read, text.split('\n').count())?;
    }

    #[test]
    fn whatever_a_variable_says_is_taken_or_refused_and_a_secret_is_not_repeated(
        key in proptest::sample::select(VARIABLES),
        value in damaged_text(VALUES),
    ) {
        let read = Config::from_layers(&Layers {
            environment: vec![(format!("{PREFIX}{key}"), value)],
            ..Layers::default()
        });
        if let Err(error) = &read && SECRET_VARIABLES.contains(&key) {
            assert_repeats_no_secret(error)?;
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
