//! The protocol over a backend that is not the emulator, mounted beside somebody else's routes.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use hubspot_audit_api::backend::{Area, Backend, Dialect};
use hubspot_audit_api::error::ApiError;
use hubspot_audit_api::page::{LinkForm, Page};
use hubspot_audit_api::query::{After, ArrayForm, Query};
use hubspot_audit_api::router::{cms, router};
use tokio::net::TcpListener;

use crate::support::{Answer, client};

/// Serves the numbers from 1 to 5, two at a time, to whoever knows a caller's name.
struct Numbers(Dialect);

impl Backend for Numbers {
    type Caller = String;

    fn dialect(&self) -> &Dialect {
        &self.0
    }

    fn now_ms(&self) -> i64 {
        0
    }

    async fn authorise(&self, bearer: Option<&str>, area: Area) -> Result<String, ApiError> {
        match (bearer, area) {
            (Some(name @ ("ada" | "eve")), _) => Ok(name.to_owned()),
            _ => Err(ApiError::Unauthenticated),
        }
    }

    async fn records(&self, caller: &String, query: Query) -> Result<Page, ApiError> {
        if caller == "eve" {
            return Ok(Page::default());
        }
        let start = match query.after {
            None => 1,
            Some(After::Time { ms, .. }) => ms + 1,
            Some(After::Token(_)) => return Err(ApiError::invalid("after", "not ours".to_owned())),
        };
        let end = (start + 1).min(5);
        let records = (start..=end).map(|n| Bytes::from(format!("{{\"objectId\":\"{n}\"}}"))).collect();
        Ok(Page { records, next: (end < 5).then(|| end.to_string()), prev: None })
    }
}

async fn serve() -> String {
    let dialect = Dialect { arrays: ArrayForm::Both, links: LinkForm::Relative };
    let app =
        Router::new().route("/healthz", get(|| async { "fine" })).merge(cms(Arc::new(Numbers(dialect))));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

async fn ask(url: &str, token: &str) -> Answer {
    Answer::of(client().get(url).bearer_auth(token).send().await.unwrap()).await
}

#[tokio::test]
async fn each_caller_sees_what_the_backend_shows_them() {
    let url = serve().await;
    let logs = format!("{url}/cms/v3/audit-logs/");
    let mut page = ask(&logs, "ada").await;
    let mut seen = page.objects();
    while let Some(link) = page.json()["paging"]["next"]["link"].as_str() {
        page = ask(&format!("{url}{link}"), "ada").await;
        seen.extend(page.objects());
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    assert_eq!(page.header("date"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
    assert_eq!(ask(&logs, "eve").await.objects(), [] as [usize; 0]);
    assert_eq!(ask(&logs, "mallory").await.status, 401);
    assert_eq!(ask(&format!("{logs}?after=x"), "ada").await.status, 400);
    assert_eq!(ask(&format!("{url}/cms/elsewhere"), "ada").await.json()["category"], "OBJECT_NOT_FOUND");
    assert_eq!(ask(&format!("{url}/healthz"), "").await.text, "fine");
}

#[tokio::test]
async fn what_a_backend_does_not_have_is_not_found() {
    let app = router(Arc::new(Numbers(Dialect { arrays: ArrayForm::Both, links: LinkForm::Absent })));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    for path in ["/settings/v3/users/", "/crm/v3/owners/1", "/account-info/v3/details"] {
        assert_eq!(ask(&format!("{url}{path}"), "ada").await.status, 404, "{path}");
    }
}
