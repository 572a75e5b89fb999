//! Roles and accounts: nobody gives away, manages or sees more than they have, and somebody is always
//! left to administer.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use serde_json::{Value, json};

use crate::access_support::{Client, PASSWORD, Service};

const USERS: &str = "/api/v1/users";
const TOKENS: &str = "/api/v1/tokens";

fn user(name: &str, role: &str, accounts: &Value) -> Value {
    json!({ "name": name, "password": PASSWORD, "role": role, "accounts": accounts })
}

fn names(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// An administrator of everything, and one of acme alone.
async fn admins(service: &Service) -> (Client, Client) {
    service.log.add("globex");
    service.user("maria", Role::Admin, Accounts::All);
    service.user("jon", Role::Admin, Accounts::Some([service.log.acme.id].into()));
    (service.browser("maria").await, service.browser("jon").await)
}

#[tokio::test]
async fn only_administrators_manage_people_tokens_and_the_trail() {
    let service = Service::new();
    for role in [Role::Viewer, Role::Analyst] {
        let client = Client::token(&service.token("siem", role, Accounts::All));
        for path in [USERS, TOKENS, "/api/v1/audit"] {
            assert_eq!(service.get(&client, path).await.status, StatusCode::FORBIDDEN, "{role} {path}");
        }
        let new = user("eva", "viewer", &json!("all"));
        assert_eq!(service.post(&client, USERS, &new).await.status, StatusCode::FORBIDDEN);
        let token = json!({ "name": "x", "role": "viewer" });
        assert_eq!(service.post(&client, TOKENS, &token).await.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let service = Service::new();
    let (maria, jon) = admins(&service).await;
    for (client, accounts, status) in [
        (&maria, json!("all"), StatusCode::CREATED),
        (&maria, json!(["acme", "GLOBEX"]), StatusCode::CREATED),
        (&maria, json!(["nowhere"]), StatusCode::BAD_REQUEST),
        (&jon, json!(["acme"]), StatusCode::CREATED),
        (&jon, json!([]), StatusCode::CREATED),
        (&jon, json!("all"), StatusCode::FORBIDDEN),
        (&jon, json!(["acme", "globex"]), StatusCode::BAD_REQUEST),
    ] {
        let name = format!("user {accounts} {status}");
        let reply = service.post(client, USERS, &user(&name, "admin", &accounts)).await;
        assert_eq!(reply.status, status, "{accounts}: {}", reply.text());
        let token = json!({ "name": name, "role": "admin", "accounts": accounts });
        let reply = service.post(client, TOKENS, &token).await;
        assert_eq!(reply.status, status, "{accounts}: {}", reply.text());
    }
    let made = service.post(&jon, TOKENS, &json!({ "name": "own", "role": "viewer" })).await.json();
    assert_eq!(made["accounts"], json!(["acme"]), "without a word: as much as one's own");
}

#[tokio::test]
async fn whoever_sees_some_accounts_manages_nobody_who_sees_more() {
    let service = Service::new();
    let (maria, jon) = admins(&service).await;
    service.post(&maria, USERS, &user("eva", "analyst", &json!(["acme"]))).await;
    service.post(&maria, USERS, &user("tom", "viewer", &json!(["acme", "globex"]))).await;
    service.post(&maria, TOKENS, &json!({ "name": "siem", "role": "viewer" })).await;
    let all = service.get(&maria, USERS).await.json();
    assert_eq!(names(&all["users"]), ["eva", "jon", "maria", "tom"]);
    assert_eq!(names(&service.get(&jon, USERS).await.json()["users"]), ["eva", "jon"]);
    assert_eq!(names(&service.get(&jon, TOKENS).await.json()["tokens"]), Vec::<String>::new());

    for one in all["users"].as_array().unwrap() {
        let path = format!("{USERS}/{}", one["id"]);
        let status = if one["accounts"] == json!(["acme"]) { StatusCode::OK } else { StatusCode::NOT_FOUND };
        let reply = service.json(&jon, Method::PATCH, &path, &json!({ "disabled": false })).await;
        assert_eq!(reply.status, status, "{one}");
    }
    let eva = format!("{USERS}/{}", all["users"][0]["id"]);
    let wider = service.json(&jon, Method::PATCH, &eva, &json!({ "accounts": "all" })).await;
    assert_eq!(wider.status, StatusCode::FORBIDDEN);
    let token = service.get(&maria, TOKENS).await.json()["tokens"][0]["id"].clone();
    let revoked = service.send(&jon, Method::DELETE, &format!("{TOKENS}/{token}"), Body::empty()).await;
    assert_eq!(revoked.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_last_administrator_of_everything_stays() {
    let service = Service::new();
    let (maria, _) = admins(&service).await;
    let users = service.get(&maria, USERS).await.json();
    let own = format!("{USERS}/{}", users["users"][1]["id"]);
    assert_eq!(users["users"][1]["name"], "maria");
    for change in [json!({ "role": "viewer" }), json!({ "accounts": ["acme"] }), json!({ "disabled": true })]
    {
        let reply = service.json(&maria, Method::PATCH, &own, &change).await;
        assert_eq!(reply.status, StatusCode::CONFLICT, "{change}: {}", reply.text());
    }
    assert_eq!(service.send(&maria, Method::DELETE, &own, Body::empty()).await.status, StatusCode::CONFLICT);
    assert_eq!(service.get(&maria, USERS).await.json(), users, "nothing has changed");
    service.post(&maria, USERS, &user("eva", "admin", &json!("all"))).await;
    assert_eq!(
        service.send(&maria, Method::DELETE, &own, Body::empty()).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(service.get(&maria, USERS).await.status, StatusCode::UNAUTHORIZED, "the session went along");
}

#[tokio::test]
async fn a_name_is_taken_once_whatever_its_case_and_a_weak_password_is_refused() {
    let service = Service::new();
    let (maria, _) = admins(&service).await;
    let taken = service.post(&maria, USERS, &user("JON", "viewer", &json!("all"))).await;
    assert_eq!((taken.status, taken.json()["field"].as_str()), (StatusCode::CONFLICT, Some("name")));
    let nameless = service.post(&maria, USERS, &user(" ", "viewer", &json!("all"))).await;
    assert_eq!((nameless.status, nameless.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("name")));
    let weak = json!({ "name": "eva", "password": "hubtrailadmin", "role": "viewer" });
    let weak = service.post(&maria, USERS, &weak).await;
    assert_eq!((weak.status, weak.json()["field"].as_str()), (StatusCode::BAD_REQUEST, Some("password")));
}

#[tokio::test]
async fn the_audit_trail_tells_what_was_done_to_whom_and_only_to_those_who_see_it() {
    let service = Service::new();
    let (maria, jon) = admins(&service).await;
    service.post(&maria, USERS, &user("eva", "viewer", &json!(["acme"]))).await;
    service.post(&maria, USERS, &user("tom", "viewer", &json!(["globex"]))).await;
    let eva = service.get(&jon, USERS).await.json()["users"][0]["id"].clone();
    let change = json!({ "role": "analyst", "password": "another kettle of fish" });
    service.json(&jon, Method::PATCH, &format!("{USERS}/{eva}"), &change).await;

    let told = async |client: &Client, query: &str| {
        let trail = service.get(client, &format!("/api/v1/audit?{query}")).await.json();
        let entries = trail["entries"].as_array().unwrap().clone();
        let line = |one: &Value| {
            let text = |field: &str| one[field].as_str().unwrap_or("-").to_owned();
            ["actor", "action", "object", "connector", "detail"].map(text).join(" | ")
        };
        (entries.iter().map(line).collect::<Vec<_>>(), trail["next"].clone())
    };
    assert_eq!(
        told(&jon, "action=user").await.0,
        [
            "jon | user.update | eva | acme | role viewer to analyst, new password",
            "maria | user.create | eva | acme | viewer, accounts #1",
            "operator | user.create | jon | acme | admin, accounts #1",
        ]
    );
    let (all, _) = told(&maria, "action=user&actor=maria").await;
    assert_eq!(all[0], "maria | user.create | tom | globex | viewer, accounts #2");
    assert_eq!(all.len(), 2);

    let (first, next) = told(&maria, "limit=3").await;
    let (rest, end) = told(&maria, &format!("limit=1000&before={next}")).await;
    let (whole, _) = told(&maria, "limit=1000").await;
    assert_eq!([first, rest].concat(), whole);
    assert_eq!(end, Value::Null);
    for query in ["limit=0", "limit=1001", "limit=x", "nonsense=1"] {
        let reply = service.get(&maria, &format!("/api/v1/audit?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
