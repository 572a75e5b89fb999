use secrecy::SecretString;
use serde_json::{Value, json};

use super::super::responder::{Answer, Responder, reply};
use super::*;

const NOW: UtcMs = UtcMs(1_772_326_800_000);
const TOKEN_INFO: &str = r#"{"hubId":123456,"scopes":["content"]}"#;
const PAGE: &str = r#"{"results":[{"timestamp":"2024-03-10T14:32:18.123Z"}]}"#;

async fn tested(answers: Vec<Answer>) -> ConnectionReport {
    let server = Responder::serve(answers).await;
    let options = Options::new(&server.base_url, SecretString::from("pat-na1-secret"));
    test_connection(&options, Some(123_456), NOW, None).await
}

/// The outcome of each stage, in order.
fn outcomes(report: &ConnectionReport) -> Vec<&'static str> {
    let order: Vec<Stage> = report.stages.iter().map(|report| report.stage).collect();
    assert_eq!(order, Stage::ALL, "every stage once, in order");
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
    assert_eq!((report.passed, report.message.as_str()), (true, "Connection successful"));
    assert_eq!(report.newest_event, Some(UtcMs(1_710_081_138_123)));
    assert_eq!((report.account_id, report.time_zone.as_deref()), (Some(123_456), Some("US/Eastern")));
    assert_eq!((report.allowance.as_ref(), report.api_version.as_deref()), (None, Some("v3")));
    assert_eq!(report.scopes.as_deref(), Some(["content".to_owned()].as_slice()));
    let steps: Vec<(&str, bool)> =
        report.stages[1].steps.iter().map(|step| (step.name.as_str(), step.passed)).collect();
    assert_eq!(steps, [("TCP", true)], "an address needs no name, and loopback no certificate");
    let kept = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ConnectionReport>(&kept).unwrap(), report, "it reads back");
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
        let (stage, trouble) = report.trouble().unwrap();
        assert_eq!(
            (report.passed, report.message.clone()),
            (false, format!("{}: {}", stage.label(), trouble.problem))
        );
        assert!(trouble.fix.contains(fix), "{}", trouble.fix);
    }
}

#[tokio::test]
async fn a_configuration_that_leads_nowhere_is_the_first_failure() {
    let options = Options::new("http://api.hubapi.com", SecretString::from("pat-na1-secret"));
    let report = test_connection(&options, None, NOW, None).await;
    assert_eq!(outcomes(&report), ["failed", "skipped", "skipped", "skipped", "skipped"]);
    let shown = serde_json::to_value(&report).unwrap();
    assert_eq!(shown["stages"][0]["stage"], json!("configuration"));
    assert_eq!(shown["stages"][0]["outcome"], json!("failed"));
    assert_eq!(shown["stages"][0]["code"], json!("base-url"));
    assert_eq!(shown["scopes"], Value::Null);
    assert!(!shown.to_string().contains("secret"));
}

#[tokio::test]
async fn stages_are_told_one_by_one_and_a_token_of_another_account_is_refused() {
    let server = Responder::serve(vec![reply(200, "", TOKEN_INFO)]).await;
    let options = Options::new(&server.base_url, SecretString::from("pat-na1-secret"));
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let report = test_connection(&options, Some(7), NOW, Some(&tell)).await;
    drop(tell);
    assert_eq!(outcomes(&report), ["passed", "passed", "failed", "skipped", "skipped"]);
    let (_, trouble) = report.trouble().unwrap();
    assert_eq!((trouble.kind.as_str(), trouble.code.as_str()), ("other_account", "token-of-another-account"));
    assert!(trouble.problem.contains("123456") && trouble.fix.contains("account 7"), "{trouble:?}");
    let mut stages = Vec::new();
    while let Some(stage) = told.recv().await {
        stages.push(stage);
    }
    assert_eq!(stages, report.stages);
    assert_eq!(server.lines().len(), 1, "nothing is fetched with it");
}
