//! What is wrong between this machine and HubSpot.

use std::time::Duration;

use hubtrail::hubspot::{Options, ProxyServer, Timeouts};
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::fake::{Breaks, Certificate, Fake, broken, proxy};
use super::{assert_fails, assert_recovers, options, tested};

pub(super) const CAUSED: &[&str] = &[
    "dns",
    "connection-refused",
    "timeout",
    "proxy",
    "tls-untrusted",
    "tls-name",
    "tls-date",
    "tls",
    "connection-reset",
    "exchange-failed",
    "reply-cut-off",
];

#[tokio::test]
async fn a_host_that_has_no_name_and_one_that_does_not_listen() {
    let nameless = options("https://hubspot.invalid");
    assert_fails(&tested(&nameless).await, "dns");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let options = options(&format!("http://{address}"));
    let report = tested(&options).await;
    assert_fails(&report, "connection-refused");
    let steps = &report.stages[1].steps;
    assert_eq!((steps[0].name.as_str(), steps[0].passed), ("TCP", false));
    let _listening = Fake::at(address).await;
    assert_recovers(&options, "connection-refused").await;
}

#[tokio::test]
async fn connections_that_break() {
    let fake = Fake::start().await;
    let cut_off = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"results\":[";
    for (code, breaks) in [
        ("timeout", Breaks::Silence),
        ("connection-reset", Breaks::Reset),
        ("exchange-failed", Breaks::Says("SSH-2.0-hubspot\r\n\r\n".to_owned())),
        ("reply-cut-off", Breaks::Says(cut_off.to_owned())),
    ] {
        let address = broken(breaks).await;
        let broken = options(&format!("http://{address}"));
        let timeouts = Timeouts { headers: Duration::from_millis(300), ..broken.timeouts };
        assert_fails(&tested(&Options { timeouts, ..broken }).await, code);
        assert_recovers(&options(&fake.url()), code).await;
    }
}

#[tokio::test]
async fn certificates_that_are_not_hubspots() {
    let (dir, other, old) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let good = Certificate::of("127.0.0.1", dir.path());
    let misnamed = Certificate::of("hubspot.example", other.path());
    let expired = Certificate::expired("127.0.0.1", old.path());
    let trusting = |fake: &Fake, certificate: &Certificate| Options {
        extra_ca: Some(certificate.file.clone()),
        ..options(&format!("https://{}", fake.address))
    };
    let intercepted = Fake::over_tls(&good).await;
    let fixed = trusting(&intercepted, &good);
    let plain = Fake::start().await;
    for (code, broken) in [
        ("tls-untrusted", options(&format!("https://{}", intercepted.address))),
        ("tls-name", trusting(&Fake::over_tls(&misnamed).await, &misnamed)),
        ("tls-date", trusting(&Fake::over_tls(&expired).await, &expired)),
        ("tls", trusting(&plain, &good)),
    ] {
        let report = tested(&broken).await;
        assert_fails(&report, code);
        let steps: Vec<(&str, bool)> =
            report.stages[1].steps.iter().map(|step| (step.name.as_str(), step.passed)).collect();
        assert_eq!(steps, [("TCP", true), ("TLS", false)], "{code}");
        assert_recovers(&fixed, code).await;
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_refuses_or_lets_through() {
    let dir = tempfile::tempdir().unwrap();
    let certificate = Certificate::of("api.hubapi.com", dir.path());
    let hubspot = Fake::over_tls(&certificate).await;
    let through = |address: std::net::SocketAddr| Options {
        proxy: Some(ProxyServer { url: SecretString::from(format!("http://{address}")), no_proxy: None }),
        extra_ca: Some(certificate.file.clone()),
        ..options("https://api.hubapi.com")
    };
    assert_fails(&tested(&through("127.0.0.1:1".parse().unwrap())).await, "proxy");
    assert_fails(&tested(&through(proxy(None).await)).await, "proxy");
    let open = through(proxy(Some(hubspot.address)).await);
    let report = tested(&open).await;
    assert!(report.passed, "{}", report.message);
    assert!(report.stages[1].steps[0].detail.starts_with("the proxy "), "{:?}", report.stages[1]);
}
