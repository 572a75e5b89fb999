//! The archive: HubSpot's own API over the log, exact for whoever follows its pages.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use hubspot_audit_api::emulator::behaviour::Behaviour;
use hubtrail::access::Role;
use hubtrail::collect::Collector;
use hubtrail::connector::Settings;
use hubtrail::http::router;
use hubtrail::hubspot::{HubSpot, Options, Timeouts};
use hubtrail::secret::Keyring;
use hubtrail::store::{NewConnector, Search, Store};
use hubtrail_core::allowance::RateLimit;
use secrecy::SecretString;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::api_support::{Api, Reply, app, token};
use crate::lab::{Lab, record};
use crate::store_support::{Record, at, raw};

const LOGS: &str = "/cms/v3/audit-logs/";

/// More events in one millisecond than fit on a page, and others around it.
fn dense() -> Vec<Record> {
    let instant = (0..25_u32).map(|n| Record {
        object: n,
        event: if n % 3 == 0 { "DELETED" } else { "UPDATED" },
        ..at(500)
    });
    [at(100), at(200)].into_iter().chain(instant).chain([at(900), Record { user: 8, ..at(1_000) }]).collect()
}

fn results(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.json()["results"].as_array().unwrap().iter().map(Value::to_string).collect()
}

/// All pages, each by the cursor of the one before in the place of `after`, as HubSpot's clients do it.
async fn walk(api: &Api, token: &str, query: &str, after: Option<&str>) -> Vec<String> {
    let (mut records, mut after) = (Vec::new(), after.map(str::to_owned));
    loop {
        let bound = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let page = api.get(token, &format!("{LOGS}?{query}{bound}")).await;
        records.extend(results(&page));
        match page.json()["paging"]["next"]["after"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => return records,
        }
    }
}

fn of(records: &[Record], wanted: impl Fn(&Record) -> bool) -> Vec<String> {
    let chosen = records.iter().filter(|record| wanted(record));
    chosen.map(|record| serde_json::from_str::<Value>(record.seen().raw.get()).unwrap().to_string()).collect()
}

#[tokio::test]
async fn following_the_pages_loses_nothing_that_shares_a_millisecond() {
    let api = Api::new();
    let records = dense();
    api.log.append(&records.iter().map(Record::seen).collect::<Vec<_>>());
    let token = api.token("of-acme", Role::Viewer, Some(&[api.log.acme.id]));
    let reversed = |mut records: Vec<String>| {
        records.reverse();
        records
    };
    for limit in [1, 7, 100] {
        let walk =
            async |query: &str, after| walk(&api, &token, &format!("limit={limit}{query}"), after).await;
        assert_eq!(walk("", None).await, of(&records, |_| true));
        assert_eq!(walk("&sort=-timestamp", None).await, reversed(of(&records, |_| true)));
        let deleted = of(&records, |record| record.event == "DELETED");
        assert_eq!(walk("&eventType=DELETED", None).await, deleted);
        let late = of(&records, |record| (201..1_000).contains(&record.ms));
        assert_eq!(walk("&before=1000", Some("200")).await, late);
        let descending = walk("&before=1970-01-01T00:00:01Z&sort=-timestamp", Some("200")).await;
        assert_eq!(descending, reversed(late));
    }
    for path in ["/cms/v3/audit-logs", "/cms/audit-logs/v3/", "/cms/audit-logs/2026-09"] {
        assert_eq!(results(&api.get(&token, &format!("{path}?userId=8,9&limit=5000")).await).len(), 1);
    }
}

#[tokio::test]
async fn a_record_is_served_as_it_was_sent_and_its_links_lead_back() {
    let api = Api::new();
    api.log.append(&[
        raw("{\"timestamp\": 1.0e3,\n \"objectId\":9007199254740993, \"new\":[1.50]}"),
        at(2_000).seen(),
    ]);
    let token = api.token("of-acme", Role::Viewer, Some(&[api.log.acme.id]));
    let page = api.get_with(&token, "/cms/v3/audit-logs/?limit=1&x=1", &[("host", "localhost:1")]).await;
    insta::assert_snapshot!(page.body);
    assert_eq!(page.header("content-type"), "application/json;charset=utf-8");
    let link = page.json()["paging"]["next"]["link"].as_str().unwrap().to_owned();
    let next = api.get(&token, link.strip_prefix("http://localhost:1").unwrap()).await;
    assert_eq!((results(&next).len(), next.json().get("paging")), (1, None));
}

#[tokio::test]
async fn a_token_opens_its_own_accounts_and_says_so_in_hubspots_shape() {
    let api = Api::new();
    let other = api.log.add("other");
    api.log.append(&[at(1).seen()]);
    api.log.append_to(&other, &[at(2).seen(), at(3).seen()]);
    let of_other = api.token("of-other", Role::Viewer, Some(&[other.id]));
    let of_all = api.viewer();
    let named = async |token: &str, account: &str| {
        api.get_with(token, LOGS, &[("x-hubtrail-account", account)]).await
    };
    assert_eq!(results(&api.get(&of_other, LOGS).await).len(), 2);
    assert_eq!(results(&named(&of_other, "Other").await).len(), 2);
    assert_eq!(results(&named(&of_all, "acme").await).len(), 1);
    assert_eq!(results(&named(&of_all, "2").await).len(), 2);
    for (reply, status, category, words) in [
        (api.get(&of_all, LOGS).await, 400, "VALIDATION_ERROR", "X-Hubtrail-Account"),
        (named(&of_other, "acme").await, 403, "FORBIDDEN", "no account named `acme`"),
        (named(&of_other, "nobody").await, 403, "FORBIDDEN", "no account named `nobody`"),
        (named(&of_all, "nobody").await, 403, "FORBIDDEN", "no account named `nobody`"),
        (api.get("unknown", LOGS).await, 401, "INVALID_AUTHENTICATION", "credentials"),
        (api.get("", LOGS).await, 401, "INVALID_AUTHENTICATION", "credentials"),
        (api.get(&of_other, "/cms/v3/audit-logs/?after=x").await, 400, "VALIDATION_ERROR", "after"),
        (api.get(&of_other, "/cms/v3/audit-logs/?limit=0").await, 400, "VALIDATION_ERROR", "limit"),
        (api.get(&of_other, "/cms/v3/elsewhere").await, 404, "OBJECT_NOT_FOUND", "not found"),
    ] {
        let said = reply.json();
        assert_eq!((reply.status.as_u16(), &said["category"]), (status, &category.into()), "{said}");
        assert!(reply.body.contains(words) && said["correlationId"].is_string(), "{said}");
    }
}

#[tokio::test]
async fn an_export_by_mail_is_not_pretended() {
    let api = Api::new();
    let token = api.token("of-acme", Role::Viewer, Some(&[api.log.acme.id]));
    let order = serde_json::json!({
        "email": "analyst@example.com", "format": "CSV", "portalId": 1, "recipientUserIds": [1],
        "shouldMarkExportFileAsSensitive": true, "type": "AUDIT_LOGS",
    });
    let request = Request::post("/cms/audit-logs/2026-09/export")
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let reply = api.send(request.body(Body::from(order.to_string())).unwrap()).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["category"]), (404, &"OBJECT_NOT_FOUND".into()));
}

/// A second Hubtrail, which knows the first as if it were HubSpot.
#[tokio::test]
async fn another_hubtrail_collects_the_archive_exactly() {
    let dense = (0..230).map(|n| record(60_000, n % 7, n, n));
    let history = (0..900).map(|n| record(i64::try_from(n / 3 * 250).unwrap(), n % 5, n, n % 40));
    let twins = [record(5, 1, 1, 1), record(5, 1, 1, 1)];
    let lab = Lab::new(Behaviour::default(), 100, history.chain(dense).chain(twins).collect()).await;
    lab.once(3).await.unwrap();
    lab.assert_exact();
    let token = token(&lab.store, "of-acme", Role::Viewer, Some(&[lab.connector.id]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = router(app(&lab.store, lab.clock));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });

    let dir = tempfile::tempdir().unwrap();
    let second = Store::open(dir.path()).unwrap();
    let keyring = Keyring::open(dir.path(), None).unwrap();
    for page_size in [7, 100, 1_000] {
        let name = format!("archive-{page_size}");
        let settings =
            Settings { page_size, rate_limit: RateLimit::Off, ..Settings::new(&name, &url).unwrap() };
        let new = NewConnector { settings, created_at: lab.clock.now() };
        let secret = SecretString::from(token.as_str());
        let connector = second.add_connector(new, secret.clone(), &keyring).unwrap();
        let timeouts = Timeouts { total: Duration::from_secs(20), ..Timeouts::default() };
        let options = Options { rate_limit: RateLimit::Off, timeouts, ..Options::new(url.clone(), secret) };
        let hubspot = HubSpot::new(&options, lab.clock.now()).unwrap();
        let (tell, _told) = tokio::sync::mpsc::unbounded_channel();
        let collector = Collector::new(second.clone(), hubspot, connector.clone(), lab.clock, tell);
        collector.once().await.unwrap();
        let held = |store: &Store, id| {
            let search = Search { connectors: Some(vec![id]), ..Search::default() };
            let mut counts: BTreeMap<String, u32> = BTreeMap::new();
            for entry in store.search(&search).unwrap() {
                *counts.entry(entry.raw).or_default() += 1;
            }
            counts
        };
        assert_eq!(held(&second, connector.id), held(&lab.store, lab.connector.id), "{page_size} a page");
        assert_eq!(second.gaps(Some(connector.id), false).unwrap(), vec![]);
    }
    server.abort();
}
