//! `hubtrail user` and `hubtrail token` beside a running service: what they do takes effect at once.

use http::StatusCode;
use hubtrail::access::{Accounts, Role, digest};
use hubtrail::store::AuditSearch;
use serde_json::{Value, json};

use crate::access_support::{Client, PASSWORD, Service};
use crate::binary::{Hubtrail, text};

struct Beside {
    service: Service,
    hubtrail: Hubtrail,
    password: String,
}

impl Beside {
    fn new() -> Self {
        let service = Service::new();
        let hubtrail = Hubtrail::over(service.log.dir.path());
        let file = service.log.dir.path().join("password.txt");
        std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
        Self { service, hubtrail, password: file.to_str().unwrap().to_owned() }
    }

    fn add(&self, name: &str, more: &[&str]) {
        let arguments = [&["user", "add", name, "--password-file", &self.password], more].concat();
        self.hubtrail.prints(&arguments);
    }

    fn json(&self, what: &str) -> Value {
        serde_json::from_str(&self.hubtrail.prints(&[what, "list", "--json"])).unwrap()
    }
}

#[tokio::test]
async fn a_user_who_is_added_signs_in_and_one_who_is_disabled_is_out() {
    let beside = Beside::new();
    beside.add("maria", &["--role", "admin"]);
    beside.add("jon", &["--account", "acme"]);
    let jon = beside.service.browser("jon").await;
    beside.hubtrail.prints(&["user", "disable", "jon"]);
    assert_eq!(beside.service.get(&jon, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(beside.service.try_sign_in("jon", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    beside.hubtrail.prints(&["user", "enable", "jon"]);
    beside.hubtrail.prints(&["user", "role", "jon", "analyst"]);
    let users = beside.json("user");
    assert_eq!((&users[0]["role"], &users[0]["accounts"]), (&json!("analyst"), &json!(["acme"])));
    assert_eq!((&users[1]["name"], &users[1]["accounts"]), (&json!("maria"), &json!("all")));
    beside.hubtrail.prints(&["user", "role", "jon", "viewer", "--all-accounts"]);
    assert_eq!(beside.json("user")[0]["accounts"], json!("all"));
    let table = beside.hubtrail.prints(&["user", "list"]);
    let maria: Vec<&str> = table.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(maria, ["maria", "admin", "all", "enabled", "never"]);
    beside.hubtrail.prints(&["user", "remove", "jon"]);
    assert_eq!(beside.json("user").as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_new_password_is_the_way_back_in() {
    let beside = Beside::new();
    beside.add("maria", &["--role", "admin"]);
    let before = beside.service.browser("maria").await;
    std::fs::write(&beside.password, "another kettle of fish").unwrap();
    beside.hubtrail.prints(&["user", "password", "maria", "--password-file", &beside.password]);
    assert_eq!(beside.service.get(&before, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(beside.service.try_sign_in("maria", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(beside.service.try_sign_in("maria", "another kettle of fish").await.status, StatusCode::OK);
}

#[test]
fn what_is_refused_says_why_and_what_to_do() {
    let beside = Beside::new();
    beside.add("maria", &["--role", "admin"]);
    let fails = |code, arguments: &[&str]| beside.hubtrail.fails(code, arguments);
    assert!(fails(1, &["user", "disable", "maria"]).contains("give that right to another user first"));
    assert!(fails(1, &["user", "remove", "maria"]).contains("give that right to another user first"));
    assert!(fails(1, &["user", "remove", "nobody"]).contains("there is no user `nobody`"));
    let again = ["user", "add", "MARIA", "--password-file", &beside.password];
    assert!(fails(1, &again).contains("take another name"));
    let nowhere = ["user", "add", "jon", "--account", "nowhere", "--password-file", &beside.password];
    assert!(fails(1, &nowhere).contains("the connectors are `acme`"));
    assert!(fails(2, &["user", "add", "jon"]).contains("--password-stdin"));
    assert!(fails(2, &["user", "add", "jon", "--role", "king"]).contains("viewer, analyst and admin"));
    assert!(fails(1, &["token", "revoke", "7"]).contains("there is no token number 7"));
    assert!(fails(2, &["token", "create", "x", "--expires", "soon"]).contains("90d"));
    std::fs::write(&beside.password, "hubtrailadmin").unwrap();
    assert!(
        fails(1, &["user", "add", "jon", "--password-file", &beside.password])
            .contains("first that are tried")
    );
}

#[tokio::test]
async fn a_token_is_printed_once_works_and_is_revoked() {
    let beside = Beside::new();
    let made = beside.hubtrail.run(&["token", "create", "siem", "--account", "acme", "--expires", "90d"]);
    let token = text(&made.stdout).trim().to_owned();
    assert!(token.starts_with("ht_") && token.len() == 46, "{token}");
    assert!(!text(&made.stderr).contains(&token), "only stdout carries it");
    let program = Client::token(&token.clone().into());
    let who = beside.service.get(&program, "/api/v1/session").await.json();
    assert_eq!(
        (&who["name"], &who["accounts"], &who["csrf"]),
        (&json!("siem"), &json!(["acme"]), &Value::Null)
    );
    let listed = beside.json("token");
    assert_eq!((&listed[0]["state"], &listed[0]["hint"]), (&json!("valid"), &json!(token[..7])));
    assert!(!listed.to_string().contains(&token));
    beside.hubtrail.prints(&["token", "revoke", &listed[0]["id"].to_string()]);
    assert_eq!(beside.service.get(&program, "/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(beside.json("token")[0]["state"], "revoked");
    let now = beside.service.app.clock.now();
    let held = beside.service.log.store.credential_of_token(&digest(&token), now).unwrap();
    assert_eq!(held, None);
}

#[test]
fn commands_are_in_the_audit_trail_as_such() {
    let beside = Beside::new();
    beside.service.user("root", Role::Admin, Accounts::All);
    beside.add("maria", &["--role", "admin"]);
    beside.hubtrail.prints(&["token", "create", "siem"]);
    beside.hubtrail.prints(&["connector", "pause", "acme"]);
    beside.hubtrail.prints(&["connector", "remove", "acme"]);
    let search = AuditSearch {
        within: Accounts::All,
        connector: None,
        actor: Some("operator".to_owned()),
        action: None,
        before: None,
        limit: 4,
    };
    let entries = beside.service.log.store.audit_trail(&search).unwrap();
    let told: Vec<_> = entries.iter().map(|one| (one.action.as_str(), one.origin.as_str())).collect();
    let actions = ["connector.delete", "connector.pause", "token.create", "user.create"];
    assert_eq!(told, actions.map(|action| (action, "command line")));
    assert_eq!(entries[0].connector, Some(beside.service.log.acme.id), "also when it is gone");
}
