//! Findings, exceptions and rules over REST: what is told, who may do what, and nothing of other accounts.

use axum::body::Body;
use axum::http::{Method, Request};
use hubtrail::access::Role;
use hubtrail::store::Position;
use hubtrail_core::detect::Change;
use hubtrail_core::finding::Finding;
use serde_json::{Value, json};

use crate::api_support::{Api, Reply};
use crate::findings_support::{finding, record};
use crate::store_support::{NOW, Record, at};

fn service() -> (Api, Finding) {
    let api = Api::new();
    let records: Vec<_> = (0..6).map(|n| Record { object: n, ..at(NOW.0 + i64::from(n)) }.seen()).collect();
    api.log.append(&records);
    let entries = api.log.all();
    let found = finding("r", &entries[..3]);
    record(&api.log.store, &api.log, Position(6), vec![Change::Raised(found.clone())]);
    (api, found)
}

async fn send(api: &Api, token: &str, method: Method, path: &str, etag: Option<&str>, body: &Value) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    request = request.header("authorization", format!("Bearer {token}"));
    if let Some(etag) = etag {
        request = request.header("if-match", etag);
    }
    api.send(request.body(Body::from(body.to_string())).unwrap()).await
}

const WRITTEN: &str = "title: Any deletion of a page\nid: 3f0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b82\nstatus: experimental\n\
                       description: Somebody deleted a page.\nlogsource:\n  product: hubspot\n  service: cms_audit\n\
                       detection:\n  selection:\n    event: DELETED\n  condition: selection\nlevel: medium\n";

#[tokio::test]
async fn a_rule_is_checked_written_and_removed_over_rest() {
    let (api, _) = service();
    let admin = api.token("admin", Role::Admin, None);
    let own = [api.log.acme.id];
    let some = api.token("some", Role::Admin, Some(&own));
    let id = "3f0c2a54-0d3c-4d0e-9a49-0a3d5c6f7b82";
    let post = async |token: &str, path: &str, text: &str| {
        send(&api, token, Method::POST, path, None, &json!({ "text": text })).await
    };
    let broken = WRITTEN.replace("condition: selection", "condition: nothing");
    let checked = post(&admin, "/api/v1/rules/check", &broken).await.json();
    assert!(checked["faults"][0]["line"].as_u64().unwrap() > 5, "{checked}");
    post(&admin, "/api/v1/rules", &broken).await.assert_problem(400, "text", "line ");
    post(&admin, "/api/v1/rules", " ").await.assert_problem(400, "text", "");
    post(&some, "/api/v1/rules", WRITTEN).await.assert_problem(403, "", "rules are for all accounts");
    let checked = post(&admin, "/api/v1/rules/check", WRITTEN).await.json();
    assert_eq!((&checked["rules"], &checked["faults"]), (&json!([id]), &json!([])));
    assert!(!checked["looksFor"].as_array().unwrap().is_empty());
    assert_eq!(api.get(&admin, &format!("/api/v1/rules/{id}")).await.status, 404, "a check writes nothing");

    let written = post(&admin, "/api/v1/rules", WRITTEN).await;
    assert_eq!((written.status.as_u16(), written.header("location")), (201, &*format!("/api/v1/rules/{id}")));
    assert_eq!(written.json()["rules"][0]["enabled"], true);
    let other = WRITTEN.replace("medium", "high");
    assert_eq!(post(&admin, "/api/v1/rules", &other).await.status, 201);
    let one = api.get(&admin, &format!("/api/v1/rules/{id}")).await.json();
    assert_eq!((&one["rule"]["severity"], &one["rule"]["from"]), (&json!("high"), &json!("own")));
    let delete = async |rule: &str| {
        send(&api, &admin, Method::DELETE, &format!("/api/v1/rules/{rule}"), None, &json!({})).await
    };
    assert_eq!(delete(id).await.status, 204);
    delete(id).await.assert_problem(404, "", "written here");
    delete("many_unpublished").await.assert_problem(404, "", "written here");
}

#[tokio::test]
async fn a_finding_is_told_with_its_records_and_its_history() {
    let (api, found) = service();
    let viewer = api.viewer();
    let list = api.get(&viewer, "/api/v1/findings?status=open&hidden=false").await.json();
    assert_eq!(list["findings"][0]["id"], found.id.to_string());
    assert_eq!(list["findings"][0]["account"]["name"], "acme");
    assert_eq!(list["findings"][0]["objects"].as_array().unwrap().len(), 3);
    let one = api.get(&viewer, &format!("/api/v1/findings/{}", found.id)).await;
    assert_eq!(one.header("etag"), "\"7\"");
    let one = one.json();
    assert_eq!(one["evidence"].as_array().unwrap().len(), 3);
    assert_eq!(one["evidence"][0]["raw"]["objectId"], "0");
    assert_eq!(one["history"][0]["change"], "raised");
    assert_eq!(api.get(&viewer, "/api/v1/findings/waiting").await.json()["new"], 1);
    for (query, count) in [
        ("severity=high", 1),
        ("severity=low,medium", 0),
        ("status=closed", 0),
        ("userId=7&rule=r", 1),
        ("owner=ann", 0),
    ] {
        let found = api.get(&viewer, &format!("/api/v1/findings?{query}")).await.json();
        assert_eq!(found["findings"].as_array().unwrap().len(), count, "{query}");
    }
    api.get(&viewer, "/api/v1/findings?status=odd").await.assert_problem(400, "status", "odd");
    api.get(&viewer, "/api/v1/findings/f1-00").await.assert_problem(404, "", "no finding");
}

#[tokio::test]
async fn analysts_judge_viewers_do_not_and_nobody_overwrites_unseen() {
    let (api, found) = service();
    let path = format!("/api/v1/findings/{}", found.id);
    let analyst = api.token("analyst", Role::Analyst, None);
    let acknowledge = json!({ "status": "acknowledged", "owner": "me" });
    let refused = send(&api, &api.viewer(), Method::PATCH, &path, None, &acknowledge).await;
    refused.assert_problem(403, "", "analyst");
    let judged = send(&api, &analyst, Method::PATCH, &path, Some("\"7\""), &acknowledge).await;
    assert_eq!(judged.json()["status"], "acknowledged", "{}", judged.body);
    assert_eq!(judged.json()["owner"], "token analyst");
    let close = json!({ "status": "expected", "note": "a release" });
    send(&api, &analyst, Method::PATCH, &path, Some("\"7\""), &close).await.assert_problem(
        412,
        "",
        "somebody else",
    );
    let closed = send(&api, &analyst, Method::PATCH, &path, Some(judged.header("etag")), &close).await.json();
    assert_eq!((&closed["status"], &closed["verdict"]), (&json!("closed"), &json!("expected")));
    send(&api, &analyst, Method::PATCH, &path, None, &json!({}))
        .await
        .assert_problem(400, "status", "nothing");
    let many = json!({ "findings": [found.id.to_string()], "status": "new" });
    let reopened = send(&api, &analyst, Method::POST, "/api/v1/findings/judge", None, &many).await.json();
    assert_eq!(reopened["findings"][0]["status"], "new");
    let history = api.get(&analyst, &path).await.json()["history"].clone();
    let said: Vec<_> = history.as_array().unwrap().iter().map(|entry| entry["change"].clone()).collect();
    assert_eq!(said, ["raised", "judged", "judged", "judged"]);
    assert_eq!(history[2]["note"], "a release");
}

#[tokio::test]
async fn what_is_in_another_account_is_not_there() {
    let (api, found) = service();
    let other = api.log.add("other");
    let stranger = api.token("stranger", Role::Analyst, Some(&[other.id]));
    assert_eq!(api.get(&stranger, "/api/v1/findings").await.json()["findings"], json!([]));
    assert_eq!(api.get(&stranger, "/api/v1/findings/waiting").await.json()["new"], 0);
    let path = format!("/api/v1/findings/{}", found.id);
    api.get(&stranger, &path).await.assert_problem(404, "", "no finding");
    let note = json!({ "note": "mine now" });
    send(&api, &stranger, Method::PATCH, &path, None, &note).await.assert_problem(404, "", "no finding");
    let many = json!({ "findings": [found.id.to_string()], "note": "mine now" });
    send(&api, &stranger, Method::POST, "/api/v1/findings/judge", None, &many).await.assert_problem(
        404,
        "",
        "no finding",
    );
    let all = json!({ "rule": "many_unpublished", "until": "+7d", "reason": "r" });
    let refused = send(&api, &stranger, Method::POST, "/api/v1/exceptions", None, &all).await;
    refused.assert_problem(403, "account", "all accounts");
}

#[tokio::test]
async fn an_exception_is_made_listed_and_ended() {
    let (api, _) = service();
    let analyst = api.token("analyst", Role::Analyst, None);
    let new = json!({ "account": "acme", "rule": "many_unpublished", "person": "7", "until": "+7d", "reason": "the site moves" });
    let made = send(&api, &analyst, Method::POST, "/api/v1/exceptions", None, &new).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["id"].clone();
    assert_eq!(made.json()["rule"], "1c1efca7-c01e-4e97-bea6-d16febf31aab", "by its id");
    let listed = api.get(&analyst, "/api/v1/exceptions").await.json();
    assert_eq!(listed["exceptions"][0]["reason"], "the site moves");
    let path = format!("/api/v1/exceptions/{id}");
    assert_eq!(send(&api, &analyst, Method::DELETE, &path, None, &json!({})).await.status, 204);
    assert_eq!(api.get(&analyst, "/api/v1/exceptions").await.json()["exceptions"], json!([]));
    assert_eq!(api.get(&analyst, &path).await.json()["endedBy"], "token analyst");
    for (new, field) in [
        (json!({ "rule": "nonsense", "until": "+7d", "reason": "r" }), "rule"),
        (json!({ "until": "+7d", "reason": "r" }), "rule"),
        (json!({ "rule": "many_unpublished", "until": "soon", "reason": "r" }), "until"),
        (json!({ "rule": "many_unpublished", "until": "+7d", "reason": " " }), "reason"),
        (
            json!({ "account": "nobody", "rule": "many_unpublished", "until": "+7d", "reason": "r" }),
            "account",
        ),
    ] {
        let refused = send(&api, &analyst, Method::POST, "/api/v1/exceptions", None, &new).await;
        assert_eq!(refused.json()["field"], field, "{}", refused.body);
    }
}

#[tokio::test]
async fn rules_are_listed_explained_switched_and_tried_on_the_past() {
    let (api, _) = service();
    let (admin, analyst) = (api.token("admin", Role::Admin, None), api.token("analyst", Role::Analyst, None));
    let listed = api.get(&analyst, "/api/v1/rules").await.json();
    let names: Vec<_> = listed["rules"].as_array().unwrap().iter().map(|rule| rule["name"].clone()).collect();
    assert!(names.contains(&json!("many_unpublished")) && names.contains(&json!("watch_redirects")));
    assert_eq!(listed["problems"], json!([]));
    let one = api.get(&analyst, "/api/v1/rules/many_unpublished").await.json();
    assert!(one["source"].as_str().unwrap().contains("id: 1c1efca7"), "{one}");
    assert_eq!(one["rule"]["enabled"], true);
    let path = "/api/v1/rules/watch_redirects";
    let on = json!({ "enabled": true });
    send(&api, &analyst, Method::PATCH, path, None, &on).await.assert_problem(403, "", "admin");
    let switched = send(&api, &admin, Method::PATCH, path, None, &on).await.json();
    assert_eq!((&switched["enabled"], &switched["switchedBy"]), (&json!(true), &json!("token admin")));
    assert_eq!(api.get(&analyst, path).await.json()["rule"]["enabled"], true);
    api.get(&analyst, "/api/v1/rules/nonsense").await.assert_problem(404, "", "no rule");
    let burst: Vec<_> = (0..20)
        .map(|n| {
            let (event, object_type) = ("UNPUBLISHED", "LANDING_PAGE");
            Record { event, object_type, object: n, ..at(NOW.0 + 5_000 + i64::from(n)) }.seen()
        })
        .collect();
    api.log.append(&burst);
    let since = json!({ "since": NOW.minus(1_000).to_string() });
    let tried =
        send(&api, &analyst, Method::POST, "/api/v1/rules/many_unpublished/test", None, &since).await.json();
    assert_eq!((&tried["raised"], &tried["complete"]), (&json!(1), &json!(true)), "{tried}");
    assert_eq!(tried["findings"][0]["events"], 20);
    assert_eq!(
        api.get(&analyst, "/api/v1/findings?rule=1c1efca7-c01e-4e97-bea6-d16febf31aab").await.json()["findings"],
        json!([])
    );
}
