use super::*;
use crate::address::link::tests::NOWHERE;

fn settings(base_url: &str) -> Result<Settings, Invalid> {
    Settings::new("acme", base_url)
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = settings(HUBSPOT).unwrap();
    assert_eq!((settings.poll_interval_ms, settings.page_size), (10_000, 100));
    assert_eq!(settings.rate_limit, RateLimit::Share { burst_percent: 50, daily_percent: 10 });
    assert_eq!((settings.api_version, settings.start), (ApiVersion::V3, Start::All));
}

#[test]
fn http_is_for_loopback_only() {
    for url in ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9/prefix/", "https://a.example"]
    {
        assert!(settings(url).is_ok(), "{url}");
    }
    for url in ["http://api.hubapi.com", "http://127.0.0.1.example.com", "ftp://localhost", "nonsense"] {
        assert_eq!(settings(url).unwrap_err().field, "base_url", "{url}");
    }
}

#[test]
fn the_machines_own_link_is_no_hubspot_in_any_spelling() {
    for host in NOWHERE {
        let error = settings(&format!("https://{host}/")).unwrap_err();
        assert_eq!(error.field, "base_url", "{host}");
        let why = ["it is a link-local", "it is a cloud's", "it is no single machine's"];
        assert!(why.iter().any(|why| error.reason.starts_with(why)), "{host}: {}", error.reason);
    }
    for host in ["127.0.0.1:1", "[::1]:1", "10.0.0.7", "hubspot.example"] {
        assert!(settings(&format!("https://{host}/")).is_ok(), "{host}");
    }
}

#[test]
fn an_address_with_a_credential_is_refused_without_repeating_it() {
    let error = settings("https://user:hunter2@api.hubapi.com").unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert!(settings("https://api.hubapi.com/?hapikey=1").is_err());
}

#[test]
fn names_are_trimmed_and_bounded() {
    assert_eq!(Settings::new("  acme ", HUBSPOT).unwrap().name, "acme");
    for name in ["", "   ", "a\nb", &"x".repeat(101)] {
        assert_eq!(Settings::new(name, HUBSPOT).unwrap_err().field, "name", "{name:?}");
    }
    assert!(Settings::new(&"é".repeat(100), HUBSPOT).is_ok());
}

#[test]
fn each_number_out_of_range_is_refused_by_its_field() {
    let good = settings("http://127.0.0.1:1").unwrap();
    let field = |settings: Settings| settings.check().unwrap_err().field;
    assert_eq!(field(Settings { poll_interval_ms: 999, ..good.clone() }), "poll_interval");
    assert_eq!(field(Settings { poll_interval_ms: 3_600_001, ..good.clone() }), "poll_interval");
    assert_eq!(field(Settings { page_size: 0, ..good.clone() }), "page_size");
    let share = RateLimit::Share { burst_percent: 0, daily_percent: 10 };
    assert_eq!(field(Settings { rate_limit: share, ..good.clone() }), "rate_limit");
    assert!(Settings { rate_limit: RateLimit::Off, ..good }.check().is_ok());
    let remote = settings(HUBSPOT).unwrap();
    assert_eq!(field(Settings { rate_limit: RateLimit::Off, ..remote }), "rate_limit");
}

#[test]
fn labels_are_short_and_each_is_there_once() {
    let labelled = |labels: &[&str]| {
        let labels = labels.iter().copied().map(str::to_owned).collect();
        Settings { labels, ..settings(HUBSPOT).unwrap() }.check()
    };
    assert_eq!(labelled(&["emea", "Kunde Süd", &"é".repeat(40)]), Ok(()));
    for bad in [&[""][..], &[" x"], &["a\nb"], &["a,b"], &["x", "y", "x"], &[&"é".repeat(41)], &["l"; 21]] {
        assert_eq!(labelled(bad).unwrap_err().field, "labels", "{bad:?}");
    }
}

#[test]
fn what_is_stored_reads_back() {
    for version in ApiVersion::NEWEST_FIRST {
        assert_eq!(version.to_string().parse(), Ok(version));
    }
    for start in [Start::All, Start::Now, Start::Since(UtcMs(1_710_081_138_123))] {
        assert_eq!(start.to_string().parse(), Ok(start));
    }
    for limit in [RateLimit::Off, RateLimit::default()] {
        assert_eq!(limit.to_string().parse(), Ok(limit));
    }
    assert!("v4".parse::<ApiVersion>().is_err());
    assert!("half".parse::<RateLimit>().unwrap_err().to_string().contains("50/10"));
}
