//! The queue of findings and the pages of what they are about: number for number what the API says.

use axum::body::Body;
use http::{Method, StatusCode};
use hubtrail::access::{Accounts, Role};
use hubtrail::store::{Append, ConnectionTest, NewGap, Position, Span};
use hubtrail_core::checkpoint::{Change as Step, WalkKind, WalkPoint};
use hubtrail_core::detect::Change;
use hubtrail_core::finding::{Finding, Severity};
use hubtrail_core::stream::Stream;

use crate::access_support::{Client, Service};
use crate::findings_support::{finding, record};
use crate::store_support::{NOW, Record, at};

const DAY_MS: i64 = 86_400_000;

async fn browser(service: &Service, name: &str, role: Role) -> Client {
    service.user(name, role, Accounts::All);
    service.browser(name).await.with("accept", "text/html")
}

/// Ann changes objects 0 to 5, Bo 6 to 8. Rule `a` found Ann out twice, once of high and once of low risk; rule `b`
/// found Bo, below the line of the budget.
fn found(service: &Service) -> [Finding; 3] {
    let records = (0..9).map(|n| {
        let user = if n < 6 { 7 } else { 8 };
        Record { object: n, user, object_name: format!("Page {n}"), ..at(NOW.0 + i64::from(n)) }.seen()
    });
    service.log.append(&records.collect::<Vec<_>>());
    let entries = service.log.all();
    let high = finding("a", &entries[..3]);
    let low = Finding { severity: Severity::Low, ..finding("a", &entries[2..6]) };
    let quiet = Finding { quiet: true, ..finding("b", &entries[6..9]) };
    let all = [high, low, quiet];
    let changes = all.iter().map(|found| Change::Raised(found.clone())).collect();
    record(&service.log.store, &service.log, Position(9), changes);
    all
}

#[tokio::test]
async fn an_object_has_the_findings_that_its_events_prove() {
    let service = Service::new();
    let browser = browser(&service, "dana", Role::Analyst).await;
    let api = browser.clone().with("accept", "application/json");
    let all = found(&service);
    for (object, proved) in [("0", vec![0]), ("2", vec![1, 0]), ("5", vec![1]), ("7", vec![])] {
        let told =
            service.get(&api, &format!("/api/v1/findings?objectId={object}&hidden=false")).await.json();
        let ids: Vec<_> = told["findings"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        let wanted: Vec<_> = proved.iter().map(|at: &usize| all[*at].id.to_string()).collect();
        assert_eq!(ids, wanted, "{object}");
        let page = service.get(&browser, &format!("/objects/1/{object}")).await.text();
        let listed = |found: &&Finding| page.contains(&format!("/findings/{}\"", found.id));
        assert_eq!(all.iter().filter(listed).count(), wanted.len(), "{object}: {page}");
        assert_eq!(page.contains("/findings?account=1&#38;object="), !wanted.is_empty(), "{object}");
    }
    let hidden = service.get(&api, "/api/v1/findings?objectId=7").await.json();
    assert_eq!(
        hidden["findings"][0]["id"],
        all[2].id.to_string(),
        "what is hidden is found by who asks for it"
    );
    let other = service.get(&api, "/api/v1/findings?objectId=0,7&severity=low").await.json();
    assert_eq!(other["findings"].as_array().unwrap().len(), 0);
    assert!(!service.get(&browser, "/people/1/8").await.text().contains(&all[2].id.to_string()));
}

#[tokio::test]
async fn a_page_that_stays_open_is_one_look_and_nobody_looks_unseen() {
    let service = Service::new();
    let browser = browser(&service, "dana", Role::Analyst).await;
    let [high, ..] = found(&service);
    let path = format!("/findings/{}", high.id);
    let times = || service.log.store.looks(high.id).unwrap().first().map_or(0, |look| look.times);
    let goes_on = browser.clone().with("x-hubtrail-part", "1");
    service.get(&goes_on, &path).await;
    assert_eq!(times(), 1, "the first look is one, whatever asks");
    service.get(&goes_on, &path).await;
    assert_eq!(times(), 1);
    service.get(&browser, &path).await;
    assert_eq!(times(), 2);
}

#[tokio::test]
async fn a_filtered_queue_says_by_what_and_counts_what_matches() {
    let service = Service::new();
    let browser = browser(&service, "dana", Role::Analyst).await;
    let api = browser.clone().with("accept", "application/json");
    found(&service);
    for (query, same, new, hidden) in [
        ("rule=a", "rule=a", 2, 0),
        ("rule=b", "rule=b", 0, 1),
        ("actor=8", "userId=8", 0, 1),
        ("object=0", "objectId=0", 1, 0),
        ("owner=me", "owner=me", 0, 0),
        ("", "", 2, 1),
    ] {
        let waiting = service.get(&api, &format!("/api/v1/findings/waiting?{same}")).await.json();
        assert_eq!(
            (waiting["new"].as_i64(), waiting["hidden"].as_i64()),
            (Some(new), Some(hidden)),
            "{query}"
        );
        let page = service.get(&browser, &format!("/findings?{query}")).await.text();
        for (tab, entries) in [("Open", new), ("Hidden", hidden)] {
            let tab = format!(r#">{tab} <span class="number">{entries}</span>"#);
            assert!(page.contains(&tab), "{query}: {tab} {page}");
        }
        assert_eq!(page.matches(r#"class="opens""#).count(), usize::try_from(new).unwrap(), "{query}");
        assert_eq!(page.contains("Clear filters"), !query.is_empty(), "{query}");
        assert_eq!(page.contains("that match"), !query.is_empty(), "{query}: the lead says so");
    }
    let none = service.get(&browser, "/findings?account=1&part=hidden&rule=a&severity=high").await.text();
    assert!(none.contains("Nothing matches") && !none.contains("other parts of the queue"), "{none}");
    assert!(none.contains(r#"href="/findings?account=1&#38;part=hidden""#), "cleared: {none}");
    assert!(none.contains(r#"aria-label="Remove the filter rule"#), "{none}");
    let person = service.get(&browser, "/findings?actor=7").await.text();
    assert!(person.contains("<bdi>Ann Ünal</bdi></span><a href=\"/findings\""), "by name: {person}");
}

#[tokio::test]
async fn a_queue_of_many_is_ranked_among_the_newest_and_goes_on() {
    let service = Service::new();
    let browser = browser(&service, "dana", Role::Analyst).await;
    let records: Vec<_> = (0..520).map(|n| Record { object: n, ..at(NOW.0 + i64::from(n)) }.seen()).collect();
    service.log.append(&records);
    let entries = service.log.all();
    let changes = (0..520).map(|n| {
        let severity = if n == 30 || n == 0 { Severity::Critical } else { Severity::Low };
        Change::Raised(Finding { severity, ..finding("a", &entries[n..=n]) })
    });
    record(&service.log.store, &service.log, Position(520), changes.collect());
    let mut seen = std::collections::HashSet::new();
    let (mut path, mut pages) = ("/findings".to_owned(), Vec::new());
    loop {
        let page = service.get(&browser, &path).await.text();
        let ids =
            page.split(r#"name="id" value=""#).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let before = seen.len();
        seen.extend(ids);
        pages.push((seen.len() - before, page.clone()));
        let Some((start, _)) = page.split_once(r#"" rel="next""#) else { break };
        path = start.rsplit('"').next().unwrap().replace("&#38;", "&");
    }
    assert_eq!(seen.len(), 520, "each once");
    assert_eq!(pages.iter().map(|(shown, _)| *shown).collect::<Vec<_>>(), [100, 100, 100, 100, 100, 20]);
    let first = &pages[0].1;
    assert!(
        first.contains("1 to 100 of the newest 500, the worst of these first. 20 older ones follow, ranked by themselves."),
        "{first}"
    );
    let critical = |page: &str| page.split("<tbody>").nth(1).unwrap().find("risk critical");
    assert!(critical(first).unwrap() < 400, "the worst of the newest is on top");
    assert!(critical(&pages[5].1).is_some(), "and the worst of the older ones comes with them");
    assert!(pages[5].1.contains("1 to 20 of 20 from before "), "{}", pages[5].1);
}

#[tokio::test]
async fn a_finding_is_given_to_one_of_those_who_may_see_it() {
    let service = Service::new();
    let dana = browser(&service, "dana", Role::Analyst).await;
    let [found, ..] = found(&service);
    service.user("bo", Role::Analyst, Accounts::All);
    service.user("vera", Role::Viewer, Accounts::Some([service.log.acme.id].into()));
    service.user("stranger", Role::Admin, Accounts::Some([].into()));
    let path = format!("/findings/{}", found.id);
    let page = service.get(&dana, &path).await.text();
    let list = page.split("<select id=\"assign-to\"").nth(1).unwrap().split("</select>").next().unwrap();
    assert_eq!(list.matches("<option").count(), 2, "{list}");
    assert!(list.contains("bo (analyst)") && list.contains("vera (viewer)"), "{list}");
    let give = async |client: &Client, body: &str| {
        let client = client.clone().with("content-type", "application/x-www-form-urlencoded");
        service.send(&client, Method::POST, &format!("{path}/owner"), Body::from(body.to_owned())).await
    };
    let owner = || service.log.store.finding(found.id).unwrap().unwrap().owner;
    let refused = give(&dana, "to=stranger").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text());
    assert_eq!(
        (give(&dana, "to=bo&note=yours").await.status, owner()),
        (StatusCode::SEE_OTHER, Some("bo".to_owned()))
    );
    let bo = service.browser("bo").await.with("accept", "text/html");
    assert!(service.get(&bo, "/findings?owner=me").await.text().contains(&found.id.to_string()));
    assert!(!service.get(&dana, "/findings?owner=me").await.text().contains(&found.id.to_string()));
    assert_eq!(
        (give(&dana, "to=dana").await.status, owner()),
        (StatusCode::SEE_OTHER, Some("dana".to_owned()))
    );
    assert_eq!((give(&dana, "to=").await.status, owner()), (StatusCode::SEE_OTHER, None));
    let vera = service.browser("vera").await.with("accept", "text/html");
    assert!(!service.get(&vera, &path).await.text().contains("assign-to"), "a viewer is offered nothing");
    assert_eq!(give(&vera, "to=bo").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_page_says_what_is_missing_of_the_time_that_it_tells_of() {
    let service = Service::new();
    let dana = browser(&service, "dana", Role::Analyst).await;
    let [found, ..] = found(&service);
    let now = service.app.clock.now();
    let (from, to) = (now.minus(200 * DAY_MS), now.minus(10 * DAY_MS));
    let point =
        WalkPoint { newest: Some(now.minus(105 * DAY_MS)), ..WalkPoint::new(Some(from), Some(to), now) };
    let span = Span { from: now.minus(3 * DAY_MS), to: now.minus(2 * DAY_MS) };
    let append = Append {
        changes: vec![Step::Progress { kind: WalkKind::Backfill, point }],
        gaps: vec![NewGap { span, reason: "too many events in one millisecond".to_owned() }],
        ..Append::new(service.log.acme.id, Stream::Content, now)
    };
    service.log.store.append_blocking(append).unwrap();
    let (history, gap) =
        ("The history of acme is still being collected (50 %)", "A gap is known in the events of acme");
    for (path, wanted) in [
        ("/events", [true, true]),
        ("/events?after=7d", [false, true]),
        ("/events?after=1d", [false, false]),
        ("/events?before=150d", [false, false]),
        ("/people?days=30", [true, true]),
        ("/objects?days=7", [false, true]),
        ("/people/1/7", [true, true]),
        ("/objects/1/0", [true, true]),
        // It happened long before, in what is all here.
        (&format!("/findings/{}", found.id), [false, false]),
    ] {
        let page = service.get(&dana, path).await.text();
        assert_eq!([page.contains(history), page.contains(gap)], wanted, "{path}: {page}");
        assert_eq!(
            page.contains(r#"<a href="/connectors/1">Open the connector"#),
            wanted != [false; 2],
            "{path}"
        );
    }
    service.user("stranger", Role::Admin, Accounts::Some([].into()));
    let stranger = service.browser("stranger").await.with("accept", "text/html");
    let page = service.get(&stranger, "/events").await.text();
    assert!(!page.contains("acme"), "nothing of another account: {page}");
}

#[tokio::test]
async fn links_lead_to_the_hubspot_of_the_account() {
    let service = Service::new();
    let dana = browser(&service, "dana", Role::Viewer).await;
    let [found, ..] = found(&service);
    let store = &service.log.store;
    store.note_account(service.log.acme.id, Some(4_711), None).unwrap();
    let test = |host: &str| {
        let report = serde_json::json!({
            "passed": true, "message": "", "at": NOW.to_string(), "duration_ms": 1, "stages": [], "warnings": [],
            "ui_domain": host,
        });
        let test = ConnectionTest { at: NOW, passed: true, report: report.to_string() };
        store.record_connection_test(service.log.acme.id, test).unwrap();
    };
    let finding = format!("/findings/{}", found.id);
    let pages = [
        ("/people/1/7", "settings/4711/users"),
        ("/objects/1/0", "content/4711"),
        ("/events/1", "content/4711"),
        (&*finding, "settings/4711/users"),
    ];
    for (told, host) in
        [(None, "app"), (Some("app-eu1.hubspot.com"), "app-eu1"), (Some("hubspot.example"), "app-eu1")]
    {
        if let Some(told) = told {
            test(told);
        }
        for (path, rest) in pages {
            let page = service.get(&dana, path).await.text();
            assert!(
                page.contains(&format!("href=\"https://{host}.hubspot.com/{rest}\"")),
                "{path} {told:?}: {page}"
            );
        }
    }
}

#[tokio::test]
async fn a_printed_finding_says_by_whom_and_where_its_events_are() {
    let service = Service::configured("[server]\npublic_url = \"https://hubtrail.example/\"");
    let dana = browser(&service, "dana", Role::Viewer).await.with("host", "hubtrail.example");
    let [found, ..] = found(&service);
    let page = service.get(&dana, &format!("/findings/{}", found.id)).await.text();
    assert!(page.contains("Printed by <bdi>dana</bdi>; the page is as of "), "{page}");
    assert!(page.contains(&format!("https://hubtrail.example/findings/{}<", found.id)), "{page}");
    for position in 1..=3 {
        assert!(page.contains(&format!("https://hubtrail.example/events/{position}<")), "{page}");
    }
    let span = format!("userId=7&#38;after={}&#38;before=", "2024-03-10T13%3A32%3A18Z");
    assert!(page.contains(&span), "an hour before: {page}");
}

#[tokio::test]
async fn events_are_put_in_order_by_a_link() {
    let service = Service::new();
    let dana = browser(&service, "dana", Role::Viewer).await;
    found(&service);
    for (path, current, other) in [
        ("/events?userId=7", "Newest first", "/events?userId=7&#38;sort=timestamp"),
        ("/events?userId=7&sort=timestamp", "Oldest first", "/events?userId=7"),
    ] {
        let page = service.get(&dana, path).await.text();
        assert!(page.contains(&format!(r#" aria-current="true">{current}</a>"#)), "{path}: {page}");
        assert!(page.contains(&format!(r#"<a href="{other}">"#)), "{path}: {page}");
        let first = page.split("data-position=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!(first, if current == "Newest first" { "6" } else { "1" }, "{path}");
    }
}
