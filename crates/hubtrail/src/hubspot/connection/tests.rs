use secrecy::SecretString;
use serde_json::{Value, json};

use super::super::responder::{Answer, Responder, reply};
use super::*;

const NOW: UtcMs = UtcMs(1_772_326_800_000);
const TOKEN_INFO: &str = r#"{"hubId":123456,"scopes":["content"]}"#;
const PAGE: &str = r#"{"results":[{"timestamp":"2024-03-10T14:32:18.123Z"}]}"#;

async fn tested(answers: Vec<Answer>) -> ConnectionReport {
    let server = Responder::serve(answers).await;
    test_connection(&Options::new(&server.base_url, SecretString::from("pat-na1-secret")), NOW).await
}

/// The outcome of each stage, in order.
fn outcomes(report: &ConnectionReport) -> Vec<&'static str> {
    let order: Vec<Stage> = report.stages.iter().map(|report| report.stage).collect();
    let all = [Stage::Configuration, Stage::Network, Stage::Authentication, Stage::Permissions, Stage::Fetch];
    assert_eq!(order, all, "every stage once, in order");
    let outcome = |report: &StageReport| match report.outcome {
        Outcome::Passed { .. } => "passed",
        Outcome::Failed { .. } => "failed",
        Outcome::Skipped { .. } => "skipped",
    };
    report.stages.iter().map(outcome).collect()
}

#[tokio::test]
async fn a_good_connection_passes_every_stage() {
    let account = reply(200, "", r#"{"portalId":123456,"timeZone":"US/Eastern"}"#);
    let report =
        tested(vec![reply(200, "", TOKEN_INFO), reply(200, "", PAGE), account, reply(403, "", "{}")]).await;
    assert_eq!(outcomes(&report), ["passed"; 5]);
    assert!(report.passed());
    assert_eq!(report.newest_event, Some(UtcMs(1_710_081_138_123)));
    assert_eq!(report.account.and_then(|account| account.portal_id), Some(123_456));
    assert_eq!((report.daily_usage, report.api_version.as_deref()), (None, Some("v3")));
}

#[tokio::test]
async fn each_failure_stops_at_its_stage_and_says_how_to_mend_it() {
    let scope = reply(
        403,
        "",
        r#"{"category":"MISSING_SCOPES","errors":[{"context":{"requiredGranularScopes":["content"]}}]}"#,
    );
    let info = || reply(200, "", TOKEN_INFO);
    for (answers, expected, fix) in [
        (
            vec![reply(401, "", "{}")],
            ["passed", "passed", "failed", "skipped", "skipped"],
            "whole token was copied",
        ),
        (vec![info(), scope], ["passed", "passed", "passed", "failed", "skipped"], "scope `content`"),
        (
            vec![info(), reply(403, "", r#"{"message":"needs Enterprise"}"#)],
            ["passed", "passed", "passed", "failed", "skipped"],
            "Content Hub Enterprise",
        ),
        (vec![info(), reply(503, "", "")], ["passed", "passed", "passed", "passed", "failed"], "waits"),
        (
            vec![reply(404, "", ""), reply(401, "", "{}")],
            ["passed", "passed", "failed", "skipped", "skipped"],
            "service key",
        ),
        (
            vec![Answer::Reset(Vec::new())],
            ["passed", "failed", "skipped", "skipped", "skipped"],
            "proxy or firewall",
        ),
    ] {
        let report = tested(answers).await;
        assert_eq!(outcomes(&report), expected);
        assert!(!report.passed());
        let failure = serde_json::to_value(report.first_failure()).unwrap();
        assert!(failure["fix"].as_str().is_some_and(|text| text.contains(fix)), "{failure}");
    }
}

#[tokio::test]
async fn a_configuration_that_leads_nowhere_is_the_first_failure() {
    let report =
        test_connection(&Options::new("http://api.hubapi.com", SecretString::from("pat-na1-secret")), NOW)
            .await;
    assert_eq!(outcomes(&report), ["failed", "skipped", "skipped", "skipped", "skipped"]);
    let shown = serde_json::to_value(&report).unwrap();
    assert_eq!(shown["stages"][0]["stage"], json!("configuration"));
    assert_eq!(shown["stages"][0]["outcome"], json!("failed"));
    assert_eq!(shown["token"], Value::Null);
    assert!(!shown.to_string().contains("secret"));
}
