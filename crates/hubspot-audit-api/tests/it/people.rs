//! The endpoints around the audit log: token, account, users and owners.

use hubspot_audit_api::directory::Person;
use serde_json::json;

use crate::support::{Server, record, seconds};

fn departed() -> Person {
    Person {
        user_id: "8".to_owned(),
        owner_id: "508".to_owned(),
        first_name: "Grace".to_owned(),
        last_name: "Hopper".to_owned(),
        email: "grace@example.com".to_owned(),
        super_admin: true,
        archived: true,
        created_ms: 0,
    }
}

#[tokio::test]
async fn a_token_is_introspected_with_and_without_authorisation() {
    let server = Server::start(vec![], |_| ()).await;
    let path = "/oauth/v2/private-apps/get/access-token-info";
    let info = server.post(path, r#"{"tokenKey":"pat-na1-emulator"}"#).await;
    assert_eq!((info.status, &info.json()["hubId"]), (200, &json!(4_711_001)));
    assert_eq!(info.json()["scopes"][0], "content");
    assert_eq!(server.post(path, r#"{"tokenKey":"other"}"#).await.status, 401);
    assert_eq!(server.post(path, "{}").await.status, 400);
}

#[tokio::test]
async fn the_account_has_its_zone_and_place() {
    let server = Server::start(vec![], |_| ()).await;
    for path in
        ["/account-info/v3/details", "/account-info/2026-03/details", "/account-info/2026-09/details/"]
    {
        let account = server.get(path).await.json();
        assert_eq!((&account["timeZone"], &account["utcOffset"]), (&json!("UTC"), &json!("+00:00")));
        assert_eq!(
            (&account["portalId"], &account["dataHostingLocation"]),
            (&json!(4_711_001), &json!("na1"))
        );
    }
}

#[tokio::test]
async fn people_are_those_declared_and_those_in_the_history() {
    let mut stranger = record(2, 2);
    (stranger.user_id, stranger.full_name) = ("11".to_owned(), "Jean Bartik".to_owned());
    let mut left = record(1, 1);
    left.user_id = departed().user_id;
    let records = vec![record(0, 0), left, stranger];
    let server = Server::start(records, |config| config.people = vec![departed()]).await;
    for path in ["/settings/v3/users/", "/settings/users/v3", "/settings/users/2026-03"] {
        let users = server.get(path).await.json();
        let names: Vec<_> =
            users["results"].as_array().unwrap().iter().map(|user| &user["firstName"]).collect();
        assert_eq!(names, ["Ada", "Jean"], "{path}: who has left is not listed");
    }
    let first = server.get("/settings/v3/users/?limit=1").await;
    let second = server.get(&format!("/settings/v3/users/?limit=1&after={}", first.next().unwrap())).await;
    assert_eq!((&second.json()["results"][0]["id"], second.next()), (&json!("11"), None));
    let by_email = server.get("/settings/v3/users/user-11%40example.com?idProperty=EMAIL").await;
    assert_eq!(by_email.json()["lastName"], "Bartik");
    assert_eq!(server.get("/settings/v3/users/8").await.status, 404);
}

#[tokio::test]
async fn who_has_left_is_found_among_the_archived_owners() {
    let server = Server::start(seconds(1), |config| config.people = vec![departed()]).await;
    for path in ["/crm/v3/owners", "/crm/owners/2026-03"] {
        let archived = server.get(&format!("{path}?archived=true")).await.json();
        let owner = &archived["results"][0];
        assert_eq!((&owner["userId"], &owner["userIdIncludingInactive"]), (&json!(null), &json!(8)));
        assert_eq!(server.get(path).await.json()["results"][0]["userId"], 7);
    }
    let owner = server.get("/crm/v3/owners/8?idProperty=userId&archived=true").await;
    assert_eq!(owner.json()["id"], "508");
    server.post("/emulator/rename", r#"{"userId":"8","fullName":"Grace Murray"}"#).await;
    let renamed = server.get("/crm/v3/owners?archived=true").await.json();
    assert_eq!(renamed["results"][0]["lastName"], "Murray");
}
