//! What HubSpot itself says: of the token, of its scopes, of limits, of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use hubspot_audit_api::emulator::faults::Fault;
use hubspot_audit_api::emulator::{Config, Emulator};
use hubtrail::hubspot::{OAuth, Options};
use hubtrail_core::allowance::Spent;
use hubtrail_core::checkpoint::WalkKind;
use hubtrail_core::time::UtcMs;
use secrecy::SecretString;

use super::fake::{Fake, Script};
use super::{NOW, TOKEN, assert_fails, assert_recovers, assert_told, options, tested};

pub(super) const CAUSED: &[&str] = &[
    "token-unknown",
    "token-revoked",
    "token-expired",
    "token-of-another-account",
    "refresh-token-refused",
    "app-refused",
    "scope-missing",
    "plan",
    "forbidden",
    "version-gone",
    "request-refused",
    "daily-limit",
    "burst-limit",
    "own-share",
    "account-locked",
    "account-migrating",
    "hubspot-unavailable",
    "html",
    "redirect",
    "json-cut-off",
    "malformed",
    "clock-skew",
];

async fn emulator(now: UtcMs) -> Emulator {
    let config = Config { token: TOKEN.to_owned(), ..Config::default() };
    Emulator::start(config, Arc::new(move || now.0), Vec::new()).await.unwrap()
}

#[tokio::test]
async fn what_an_account_refuses() {
    let emulator = emulator(NOW).await;
    let options = options(&emulator.url());
    for (code, faults) in [
        ("token-unknown", vec![Fault::Unauthenticated]),
        ("scope-missing", vec![Fault::MissingScope]),
        ("plan", vec![Fault::WrongPlan]),
        ("version-gone", vec![Fault::NotFound; 4]),
        ("request-refused", vec![Fault::BadRequest]),
        ("daily-limit", vec![Fault::DailyLimit]),
        ("burst-limit", vec![Fault::SecondlyLimit]),
        ("account-locked", vec![Fault::Locked]),
        ("account-migrating", vec![Fault::Migrating]),
        ("hubspot-unavailable", vec![Fault::Unavailable]),
        ("hubspot-unavailable", vec![Fault::BadGateway]),
        ("redirect", vec![Fault::Redirect]),
        ("json-cut-off", vec![Fault::Truncated]),
        ("malformed", vec![Fault::InvalidJson]),
        ("malformed", vec![Fault::EmptyBody]),
    ] {
        emulator.faults().extend(faults);
        let report = tested(&options).await;
        assert_fails(&report, code);
        let (_, trouble) = report.trouble().unwrap();
        match code {
            "daily-limit" => assert_eq!(trouble.until, Some(NOW.plus(86_400_000)), "midnight"),
            "account-migrating" => assert!(trouble.until.is_some(), "{trouble:?}"),
            "scope-missing" => assert!(trouble.problem.contains("`content`"), "{trouble:?}"),
            "plan" => assert!(trouble.correlation_id.is_some() && trouble.hubspot_message.is_some()),
            _ => {}
        }
        emulator.faults().clear();
        assert_recovers(&options, code).await;
    }
}

#[tokio::test]
async fn what_is_said_of_a_token() {
    let fake = Fake::start().await;
    let options = options(&fake.url());
    let unauthorised = |message: &str| (401, format!(r#"{{"status":"error","message":"{message}"}}"#));
    let token = |token_info| Script { token_info, ..Script::good() };
    for (code, script) in [
        ("token-revoked", token(unauthorised("This key has been deactivated"))),
        ("token-expired", token(unauthorised("The token expired 3 days ago"))),
        ("token-of-another-account", token((200, r#"{"hubId":77,"scopes":["content"]}"#.to_owned()))),
        (
            "forbidden",
            Script {
                page: (403, r#"{"message":"USER_DOES_NOT_HAVE_PERMISSIONS"}"#.to_owned()),
                ..Script::good()
            },
        ),
        (
            "html",
            Script { page: (200, "<html>Sign in to the guest network</html>".to_owned()), ..Script::good() },
        ),
    ] {
        fake.answers(script);
        assert_fails(&tested(&options).await, code);
        fake.answers(Script::good());
        assert_recovers(&options, code).await;
    }
}

#[tokio::test]
async fn what_is_said_of_a_public_app() {
    let fake = Fake::start().await;
    let oauth = OAuth {
        client_id: "app-1".to_owned(),
        client_secret: SecretString::from("secret-1"),
        refresh_token: SecretString::from("refresh-1"),
    };
    let options = Options { credentials: oauth.into(), ..options(&fake.url()) };
    for (code, status) in
        [("refresh-token-refused", "BAD_REFRESH_TOKEN"), ("app-refused", "BAD_CLIENT_SECRET")]
    {
        let body = format!(r#"{{"status":"{status}","message":"no"}}"#);
        fake.answers(Script { refresh: (400, body), ..Script::good() });
        assert_fails(&tested(&options).await, code);
        fake.answers(Script::good());
        assert_recovers(&options, code).await;
    }
}

#[tokio::test]
async fn our_own_share_is_a_limit_too() {
    let fake = Fake::start().await;
    let spent =
        Spent { day: "2026-11-22".to_owned(), calls: BTreeMap::from([(WalkKind::Backfill, 1_000_000)]) };
    let good = options(&fake.url());
    assert_fails(&tested(&Options { spent: Some(spent), ..good.clone() }).await, "own-share");
    assert_recovers(&good, "own-share").await;
}

#[tokio::test]
async fn clocks_that_differ_are_a_warning() {
    for (ahead_ms, warns) in [(0, false), (25_000, false), (45_000, true), (-45_000, true)] {
        let emulator = emulator(NOW.plus(ahead_ms)).await;
        let report = tested(&options(&emulator.url())).await;
        assert!(report.passed, "{}", report.message);
        assert_eq!(report.warnings.len(), usize::from(warns), "{ahead_ms}");
        if let Some(warning) = report.warnings.first() {
            assert_eq!(warning.code, "clock-skew");
            assert_told("clock-skew", "none: a warning", &warning.problem, &warning.fix);
        }
    }
}
