use secrecy::SecretString;

use super::super::options::Options;
use super::super::responder::{Answer, Responder, reply};
use super::*;

const NOW: UtcMs = UtcMs(1_772_326_800_000);

async fn directory(answers: Vec<Answer>) -> (Result<Directory, ApiError>, Vec<String>) {
    let server = Responder::serve(answers).await;
    let options = Options::new(&server.base_url, SecretString::from("pat-na1-secret"));
    let found = HubSpot::new(&options, NOW).unwrap().directory(NOW).await;
    (found, server.lines())
}

fn ok(body: &str) -> Answer {
    reply(200, "", body)
}

#[tokio::test]
async fn users_roles_and_those_who_have_left_are_one_list() {
    let users = r#"{"results":[{"id":"1","email":"ada@example.com","firstName":"Ada","superAdmin":true},
        {"id":2,"email":"bo@example.com","roleId":"7","roleIds":["7"]}],"paging":{"next":{"after":"2"}}}"#;
    let archived = r#"{"results":[{"userId":null,"userIdIncludingInactive":4,"email":"di@example.com","archived":true},
        {"userId":null,"userIdIncludingInactive":1,"archived":true}]}"#;
    let (found, lines) = directory(vec![
        ok(users),
        ok(r#"{"results":[{"id":"3"}]}"#),
        ok(r#"{"results":[{"id":"7","name":"Editor"}]}"#),
        ok(r#"{"results":[{"userId":5,"email":"eve@example.com","archived":false}]}"#),
        ok(archived),
    ])
    .await;
    let found = found.unwrap();
    assert!(found.users_allowed && found.owners_allowed);
    let shown: Vec<(&str, Option<&str>, bool)> =
        found.people.iter().map(|who| (who.user_id.as_str(), who.role.as_deref(), who.gone)).collect();
    let expected = [
        ("1", Some("Super admin"), false),
        ("2", Some("Editor"), false),
        ("3", None, false),
        ("4", None, true),
        ("5", None, false),
    ];
    assert_eq!(shown, expected);
    assert_eq!(
        lines,
        [
            "GET /settings/v3/users?limit=100",
            "GET /settings/v3/users?limit=100&after=2",
            "GET /settings/v3/users/roles?limit=100",
            "GET /crm/v3/owners?limit=100",
            "GET /crm/v3/owners?limit=100&archived=true",
        ]
    );
}

#[tokio::test]
async fn a_missing_scope_is_no_error_and_an_outage_is_one() {
    let scope = || reply(403, "", r#"{"category":"MISSING_SCOPES"}"#);
    let (found, _) = directory(vec![scope(), scope()]).await;
    assert_eq!(found, Ok(Directory::default()));
    let (gone, lines) = directory(vec![reply(404, "", "{}"), ok(r#"{"results":[]}"#), scope()]).await;
    assert_eq!(
        (gone.unwrap().users_allowed, lines[1].as_str()),
        (true, "GET /settings/users/2026-03?limit=100")
    );
    assert!(directory(vec![reply(503, "", "")]).await.0.is_err());
}

#[tokio::test]
async fn a_list_that_repeats_its_cursor_ends() {
    let page = ok(r#"{"results":[{"id":"1"}],"paging":{"next":{"after":"x"}}}"#);
    let (found, lines) = directory(vec![page.clone(), page, reply(403, "", "{}")]).await;
    assert_eq!((found.unwrap().people.len(), lines.len()), (1, 3));
}
