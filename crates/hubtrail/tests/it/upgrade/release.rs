//! The data directory of each release, frozen when it was made: today's program opens a copy, and tells what was put in.
//!
//! A release adds one by `HUBTRAIL_FREEZE=1 cargo test --test it what_this_version_freezes`: it writes
//! `tests/releases/VERSION`, which is then named in `RELEASES` and never changed again.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use hubtrail::access::{Accounts, Actor, PasswordHash, Role, Who, digest, hint};
use hubtrail::connector::{Credentials, Settings};
use hubtrail::exception::Excepted;
use hubtrail::judgement::{Status, Verdict};
use hubtrail::notify::{self, Pace, Route, Service};
use hubtrail::secret::Keyring;
use hubtrail::sink::{self, By};
use hubtrail::store::{
    Depth, ExceptionSearch, FindingSearch, Judged, NewChannel, NewConnector, NewSession, NewSink, NewToken,
    NewUser, Position, Store,
};
use hubtrail_core::detect::Change;
use hubtrail_core::time::UtcMs;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tempfile::TempDir;

use super::{RAW, fill};
use crate::binary::Hubtrail;
use crate::findings_support::{MUCH_LATER, finding, record};
use crate::store_support::{Log, NOW};

const RELEASES: [&str; 1] = ["0.1.0"];
const MOST_BYTES: u64 = 200 * 1_024;
/// Opens nothing but what is frozen here, all of which opens nothing either.
const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const HUBSPOT_TOKEN: &str = "pat-na1-frozen-and-fake";
const SINK_TOKEN: &str = "frozen-sink-token";
const CHANNEL_SECRET: &str = "https://example.webhook.office.com/frozen";
const OWN_TOKEN: &str = "ht_frozen-and-fake";
const SESSION: &str = "frozen-session";
const PASSWORD: &str = "kettle ferry octagon";
const ENTRIES: i64 = 203;
const RULE: &str = "title: Prices were changed\nid: 3d0bd1a4-51de-4b07-8d7f-6a0f4dfb2c11\n\
    logsource: {product: hubspot, service: cms_audit}\ndetection:\n  selection:\n    objectType: HUBDB_TABLE\n  \
    condition: selection\nlevel: medium\n";

fn folder(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases").join(version)
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn write_private(path: &Path, bytes: &[u8]) {
    fs::write(path, bytes).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// One row at least of all that people and programs can put in, beside what a collector leaves.
fn a_log_with_everything_and_everybody() -> Log {
    let dir = tempfile::tempdir().unwrap();
    write_private(&dir.path().join("secret.key"), KEY.as_bytes());
    let store = Store::open(dir.path()).unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    let settings = Settings::new("acme", "http://127.0.0.1:1").unwrap();
    let new = NewConnector { settings, created_at: NOW };
    let acme = store.add_connector(new, secret(HUBSPOT_TOKEN), &keyring).unwrap();
    let log = Log { dir, store, acme };
    fill(&log);
    let by = Actor::command_line();
    let store = &log.store;
    let password = PasswordHash::of_new(&secret(PASSWORD), "maria").unwrap();
    let new = NewUser { name: "maria".to_owned(), password, role: Role::Analyst, accounts: Accounts::All };
    let maria = store.create_user(new, &by, NOW).unwrap();
    let new = NewSession { digest: digest(SESSION), user: maria.id, created_at: NOW, expires_at: MUCH_LATER };
    store.start_session(new, &by).unwrap();
    store.save_view(maria.id, "deletions", "event:deleted", NOW).unwrap();
    let new = NewToken {
        name: "siem".to_owned(),
        digest: digest(OWN_TOKEN),
        hint: hint(&secret(OWN_TOKEN)),
        role: Role::Viewer,
        accounts: Accounts::Some([log.acme.id].into()),
        expires_at: None,
    };
    store.create_token(new, &by, NOW).unwrap();
    add_receivers(store, &keyring);
    store.put_own_rule("prices", RULE, vec![("3d0bd1a4".to_owned(), true)], &by, NOW).unwrap();
    let excepted = Excepted {
        connector: Some(log.acme.id),
        rule: Some("b".to_owned()),
        person: None,
        object: None,
        from: UtcMs(0),
        to: UtcMs(86_400_000),
        maintenance: false,
        reason: "the yearly clean-up".to_owned(),
    };
    store.add_exception(excepted, &by, NOW).unwrap();
    judge_something(&log, &by);
    log
}

fn add_receivers(store: &Store, keyring: &Keyring) {
    let settings = json!({
        "name": "siem", "format": "ocsf",
        "target": { "kind": "http", "url": "http://127.0.0.1:9/", "auth": { "method": "bearer" } },
    });
    let new = NewSink {
        settings: serde_json::from_value(settings).unwrap(),
        credentials: sink::Credentials { token: Some(secret(SINK_TOKEN)), ..Default::default() },
        by: By::Operator,
        paused: true,
        since: None,
        declared_in: None,
        created_at: NOW,
    };
    store.add_sink(new, keyring).unwrap();
    let settings = notify::Settings {
        name: "on-call".to_owned(),
        service: Service::Teams {},
        route: Route::default(),
        pace: Pace::default(),
    };
    let new = NewChannel { settings, secret: Some(secret(CHANNEL_SECRET)), created_at: NOW };
    store.add_channel(new, keyring).unwrap();
}

/// A finding with a verdict, and one that is excepted.
fn judge_something(log: &Log, by: &Actor) {
    let entries: Vec<_> = log.all().into_iter().filter(|entry| entry.event.is_ok()).collect();
    let (judged, excepted) = (finding("a", &entries[..2]), finding("b", &entries[2..4]));
    let changes = vec![Change::Raised(judged.clone()), Change::Raised(excepted)];
    record(&log.store, log, Position(ENTRIES), changes);
    let verdict = Judged {
        status: Some(Status::Closed(Verdict::Malicious)),
        note: Some("the token was stolen".to_owned()),
        ..Judged::new(vec![judged.id], NOW)
    };
    log.store.judge(verdict, by).unwrap();
}

fn freeze(to: &Path) {
    let log = a_log_with_everything_and_everybody();
    fs::create_dir_all(to).unwrap();
    let copy = log.dir.path().join("copy.db");
    log.store.backup(&copy).unwrap();
    let mut packed = GzEncoder::new(File::create(to.join("hubtrail.db.gz")).unwrap(), Compression::best());
    packed.write_all(&fs::read(&copy).unwrap()).unwrap();
    packed.finish().unwrap();
    fs::write(to.join("secret.key"), KEY).unwrap();
    fs::write(to.join("events.ndjson"), Hubtrail::over(log.dir.path()).prints(&RAW)).unwrap();
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever makes a release says so in the environment of the test"
)]
fn what_this_version_freezes_tells_what_was_put_in() {
    let version = env!("CARGO_PKG_VERSION");
    let elsewhere = tempfile::tempdir().unwrap();
    let to = match std::env::var_os("HUBTRAIL_FREEZE") {
        Some(_) => folder(version),
        None => elsewhere.path().join(version),
    };
    assert!(!to.exists(), "{} is there: what is frozen stays", to.display());
    freeze(&to);
    assert_tells_what_was_put_in(&to);
}

/// A copy to work on: today's program changes what it opens.
fn thawed(from: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    assert!(fs::metadata(from.join("hubtrail.db.gz")).unwrap().len() < MOST_BYTES);
    let mut log = Vec::new();
    GzDecoder::new(File::open(from.join("hubtrail.db.gz")).unwrap()).read_to_end(&mut log).unwrap();
    write_private(&to.path().join("hubtrail.db"), &log);
    write_private(&to.path().join("secret.key"), &fs::read(from.join("secret.key")).unwrap());
    to
}

#[test]
fn the_data_directory_of_each_release_opens_and_tells_what_was_put_in() {
    for version in RELEASES {
        assert_tells_what_was_put_in(&folder(version));
    }
}

fn assert_tells_what_was_put_in(from: &Path) {
    let dir = thawed(from);
    let hubtrail = Hubtrail::over(dir.path());
    let events = fs::read_to_string(from.join("events.ndjson")).unwrap();
    assert_eq!(hubtrail.prints(&RAW), events, "{}", from.display());
    assert_eq!(events.lines().count(), usize::try_from(ENTRIES).unwrap());
    assert_doctor_is_content(&hubtrail);
    let store = Store::open(dir.path()).unwrap();
    assert_eq!(store.check(Depth::Full).unwrap().problems, Vec::<String>::new(), "{}", from.display());
    let keyring = Keyring::open_existing(dir.path(), None).unwrap();
    assert_secrets_open(&store, &keyring);
    assert_people_and_programs_get_in(&store);
    assert_findings_stand(&store);
    let [gap] = store.gaps(None, true).unwrap().try_into().ok().unwrap();
    assert_eq!((gap.span.from, gap.span.to, gap.reason.as_str()), (UtcMs(10), UtcMs(20), "dense"));
    let [rule] = store.own_rules().unwrap().try_into().ok().unwrap();
    assert_eq!((rule.name.as_str(), rule.text.as_str()), ("prices", RULE), "{}", from.display());
    assert!(hubtrail.prints(&["rules", "list"]).contains("Prices were changed"), "{}", from.display());
    assert!(hubtrail.prints(&["status"]).contains("acme"), "{}", from.display());
}

fn assert_doctor_is_content(hubtrail: &Hubtrail) {
    let doctor = hubtrail.run(&["doctor", "--json", "--full"]);
    let checks: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let verdicts: Vec<_> =
        checks.as_array().unwrap().iter().map(|it| (&it["what"], &it["verdict"])).collect();
    for what in ["log", "key of acme", "key of sink siem", "key of alert channel on-call"] {
        assert!(verdicts.contains(&(&json!(what), &json!("ok"))), "{what}: {checks}");
    }
}

fn assert_secrets_open(store: &Store, keyring: &Keyring) {
    let acme = store.connector("acme").unwrap();
    let Credentials::Token(token) = acme.credentials(keyring).unwrap() else { panic!("no token") };
    assert_eq!(token.expose_secret(), HUBSPOT_TOKEN);
    let credentials = store.sink("siem").unwrap().credentials(keyring).unwrap();
    assert_eq!(credentials.token.unwrap().expose_secret(), SINK_TOKEN);
    let secret = store.channel("on-call").unwrap().secret(keyring).unwrap().unwrap();
    assert_eq!(secret.expose_secret(), CHANNEL_SECRET);
}

fn assert_people_and_programs_get_in(store: &Store) {
    let (maria, password) = store.password_of("maria").unwrap().unwrap();
    assert!(password.matches(&secret(PASSWORD)) && !password.matches(&secret("another")));
    assert_eq!(maria.role, Role::Analyst);
    let session = store.credential_of_session(&digest(SESSION), NOW).unwrap().unwrap();
    assert!(matches!(session.caller.who, Who::Person { ref name, .. } if name == "maria"));
    let token = store.credential_of_token(&digest(OWN_TOKEN), NOW).unwrap().unwrap();
    let acme = store.connector("acme").unwrap().id;
    assert_eq!((token.caller.role, token.caller.accounts), (Role::Viewer, Accounts::Some([acme].into())));
    let [view] = store.views(maria.id).unwrap().try_into().ok().unwrap();
    assert_eq!((view.name.as_str(), view.query.as_str()), ("deletions", "event:deleted"));
}

fn assert_findings_stand(store: &Store) {
    let found = store.findings(&FindingSearch { limit: 100, ..FindingSearch::default() }).unwrap();
    let of = |rule: &str| found.iter().find(|kept| kept.finding.rule == rule).unwrap();
    assert_eq!(of("a").status, Status::Closed(Verdict::Malicious));
    let whole = store.whole_finding(of("a").finding.id).unwrap().unwrap();
    assert_eq!((whole.evidence.len(), whole.history.len()), (2, 2));
    assert_eq!(whole.history[1].note.as_deref(), Some("the token was stolen"));
    let all = ExceptionSearch { within: Accounts::All, in_force: None, limit: 10 };
    let [exception] = store.exceptions(&all).unwrap().try_into().ok().unwrap();
    assert_eq!((exception.what.reason.as_str(), exception.hidden), ("the yearly clean-up", 1));
    assert_eq!(of("b").exception, Some(exception.id));
}
