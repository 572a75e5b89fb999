//! A public app's token endpoint: what it gives, how long that lives, and what it refuses.

use hubspot_audit_api::emulator::oauth::App;

use crate::support::{AUDIT, Answer, Server, seconds};

fn app(rotates: bool) -> App {
    App {
        client_id: "app-1".to_owned(),
        client_secret: "s&cret=1".to_owned(),
        refresh_token: "refresh-1".to_owned(),
        expires_in_s: 1_800,
        rotates,
    }
}

async fn exchange(server: &Server, path: &str, refresh_token: &str) -> Answer {
    let form = "grant_type=refresh_token&client_id=app-1&client_secret=s%26cret%3D1";
    server.post(path, &format!("{form}&refresh_token={refresh_token}")).await
}

async fn page_with(server: &Server, token: &str) -> Answer {
    let mut request = server.request("GET", AUDIT).build().unwrap();
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    Answer::of(crate::support::client().execute(request).await.unwrap()).await
}

#[tokio::test]
async fn an_access_token_opens_the_account_until_it_expires() {
    let server = Server::start(seconds(3), |config| config.app = Some(app(false))).await;
    let grant = exchange(&server, "/oauth/v1/token", "refresh-1").await.json();
    let token = grant["access_token"].as_str().unwrap().to_owned();
    assert_eq!((&grant["expires_in"], &grant["refresh_token"]), (&1_800.into(), &"refresh-1".into()));
    assert_eq!(grant["hub_id"], 4_711_001);
    assert_eq!(page_with(&server, &token).await.objects().len(), 3);
    server.pass_ms(1_800_000);
    let expired = page_with(&server, &token).await;
    assert_eq!((expired.status, &expired.json()["category"]), (401, &"EXPIRED_AUTHENTICATION".into()));
    assert_eq!(server.emulator.portal().refreshes(), 1);
}

#[tokio::test]
async fn what_is_not_the_apps_is_refused_by_name_and_a_rotated_token_works_once() {
    let server = Server::start(vec![], |config| config.app = Some(app(true))).await;
    for (form, status) in [
        ("grant_type=refresh_token&client_id=other&client_secret=s&refresh_token=r", "BAD_CLIENT_ID"),
        ("grant_type=refresh_token&client_id=app-1&client_secret=x&refresh_token=r", "BAD_CLIENT_SECRET"),
        ("grant_type=password", "BAD_GRANT_TYPE"),
    ] {
        let refused = server.post("/oauth/2026-03/token", form).await;
        assert_eq!((refused.status, &refused.json()["status"]), (400, &status.into()), "{form}");
    }
    let first = exchange(&server, "/oauth/2026-03/token", "refresh-1").await.json();
    let again = exchange(&server, "/oauth/2026-03/token", "refresh-1").await;
    assert_eq!((again.status, &again.json()["error"]), (400, &"invalid_grant".into()));
    let next = first["refresh_token"].as_str().unwrap();
    assert_eq!(exchange(&server, "/oauth/v3/token", next).await.status, 200);
    server.emulator.portal().revoke_app();
    let token = first["access_token"].as_str().unwrap();
    assert_eq!(page_with(&server, token).await.status, 401);
}

#[tokio::test]
async fn an_account_without_an_app_has_no_token_endpoint() {
    let server = Server::start(vec![], |_| ()).await;
    assert_eq!(exchange(&server, "/oauth/v1/token", "refresh-1").await.status, 404);
}
