//! What is wrong before the first call.

use hubtrail::clock::Clock;
use hubtrail::config::{Config, Layers};
use hubtrail::connection::test_connector;
use hubtrail::hubspot::{Options, ProxyServer};
use hubtrail::secret::{Context, Keyring};
use hubtrail_core::allowance::RateLimit;
use secrecy::SecretString;

use super::fake::Fake;
use super::{assert_fails, assert_recovers, options, tested};
use crate::store_support::Log;

pub(super) const CAUSED: &[&str] =
    &["base-url", "token-format", "rate-limit-off", "proxy-address", "extra-ca", "tls-setup", "sealed"];

#[tokio::test]
async fn settings_that_lead_nowhere() {
    let fake = Fake::start().await;
    let good = options(&fake.url());
    let dir = tempfile::tempdir().unwrap();
    let no_certificate = dir.path().join("bad.pem");
    std::fs::write(&no_certificate, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    let secure = options("https://api.hubapi.com");
    for (code, broken) in [
        ("base-url", options("http://api.hubapi.com")),
        ("token-format", Options { credentials: SecretString::from("pat na1").into(), ..good.clone() }),
        ("rate-limit-off", Options { rate_limit: RateLimit::Off, ..secure.clone() }),
        (
            "proxy-address",
            Options {
                proxy: Some(ProxyServer { url: SecretString::from("http://"), no_proxy: None }),
                ..secure.clone()
            },
        ),
        ("extra-ca", Options { extra_ca: Some(dir.path().join("missing.pem")), ..secure.clone() }),
        ("tls-setup", Options { extra_ca: Some(no_certificate), ..secure.clone() }),
    ] {
        assert_fails(&tested(&broken).await, code);
        assert_recovers(&good, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_sealed_under_another_key() {
    let fake = Fake::start().await;
    let log = Log::new();
    let config =
        Config::from_layers(&Layers { data_dir: Some(log.dir.path().to_owned()), ..Layers::default() })
            .unwrap();
    let mut acme = log.acme.clone();
    acme.settings.base_url = fake.url().parse().unwrap();
    let other = tempfile::tempdir().unwrap();
    let wrong = Keyring::open(other.path(), None).unwrap();
    let test = async |keyring: &Keyring| {
        test_connector(&log.store, keyring, &config.network, Clock::system(), &acme, None).await.unwrap()
    };
    assert_fails(&test(&wrong).await, "sealed");
    let newest = || log.store.connection_tests(acme.id, 10).unwrap();
    assert_eq!(newest().iter().map(|test| test.passed).collect::<Vec<_>>(), [false]);
    let right = Keyring::open(log.dir.path(), None).unwrap();
    assert!(
        right.unseal(Context { account: &acme.account, field: Context::TOKEN }, &acme.sealed_token).is_ok()
    );
    assert!(test(&right).await.passed);
    assert_eq!(
        newest().iter().map(|test| test.passed).collect::<Vec<_>>(),
        [true, false],
        "the newest first"
    );
    assert_eq!(
        log.store.connector("acme").unwrap().portal_id,
        Some(super::ACCOUNT),
        "what was learnt is kept"
    );
}
