//! HubSpot's allowances, by the account's clock.

use crate::support::{Answer, NOW_MS, Server, client, seconds};

#[tokio::test]
async fn the_burst_is_limited_in_any_ten_seconds() {
    let server = Server::start(seconds(1), |config| config.rate_limit = "3/10".parse().unwrap()).await;
    for left in ["2", "1", "0"] {
        let answer = server.page("").await;
        assert_eq!((answer.status, answer.header("x-hubspot-ratelimit-remaining")), (200, Some(left)));
        assert_eq!(answer.header("x-hubspot-ratelimit-max"), Some("3"));
        assert_eq!(answer.header("x-hubspot-ratelimit-interval-milliseconds"), Some("10000"));
        assert_eq!(answer.header("x-hubspot-ratelimit-daily"), None, "it is off");
    }
    let refused = server.get("/settings/v3/users/").await;
    assert_eq!((refused.status, refused.json()["policyName"].as_str()), (429, Some("TEN_SECONDLY_ROLLING")));
    assert_eq!(refused.json()["category"], "RATE_LIMITS");
    assert_eq!(refused.header("retry-after"), None, "HubSpot documents it for 477 only");
    let stranger = client().get(format!("{}/cms/v3/audit-logs/", server.emulator.url()));
    assert_eq!(Answer::of(stranger.send().await.unwrap()).await.status, 401, "not counted for others");
    server.pass_ms(10_000);
    assert_eq!(server.page("").await.status, 200);
}

#[tokio::test]
async fn the_day_is_limited_until_midnight_and_the_usage_says_so() {
    let server = Server::start(seconds(1), |config| config.daily_limit = Some(2)).await;
    assert_eq!(server.page("").await.header("x-hubspot-ratelimit-daily-remaining"), Some("1"));
    let usage = server.get("/account-info/2026-03/api-usage/daily/private-apps").await;
    let result = &usage.json()["results"][0];
    assert_eq!((&result["usageLimit"], &result["currentUsage"]), (&2.into(), &2.into()));
    assert_eq!(result["resetsAt"], "2024-03-11T00:00:00Z");
    let refused = server.page("").await;
    assert_eq!((refused.status, refused.json()["policyName"].as_str()), (429, Some("DAILY")));
    assert_eq!(refused.header("x-hubspot-ratelimit-daily-remaining"), Some("0"));
    server.pass_ms(86_400_000 - NOW_MS.rem_euclid(86_400_000));
    assert_eq!(server.page("").await.status, 200);
}
