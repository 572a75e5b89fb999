//! Events over the REST API: found, paged, exported, one by one, counted.

use hubtrail::hubspot::{Directory, Person};
use serde_json::{Value, json};

use crate::api_support::Api;
use crate::store_support::{NOW, Record, at, raw};

const HOUR: i64 = 3_600_000;

/// A page and a redirect, edited by Ann (7) and Bob (8), hour by hour; two of them in one millisecond.
fn history() -> Vec<Record> {
    let start = NOW.hour().0 - 10 * HOUR;
    let by_bob = |record: Record| Record { user: 8, full_name: "Bob".to_owned(), ..record };
    let redirect = |record: Record| Record {
        object: 41,
        object_type: "URL_MAPPING",
        object_name: "=cmd()".to_owned(),
        ..record
    };
    vec![
        Record { event: "CREATED", ..at(start) },
        at(start + HOUR),
        Record { object_name: "Prices 2024".to_owned(), ..at(start + 2 * HOUR) },
        redirect(by_bob(at(start + 2 * HOUR))),
        redirect(by_bob(Record { event: "DELETED", ..at(start + 5 * HOUR + 1) })),
    ]
}

fn filled() -> Api {
    let api = Api::new();
    api.log.append(&history().iter().map(Record::seen).collect::<Vec<_>>());
    api
}

#[tokio::test]
async fn an_event_is_told_in_hubspots_words_and_as_it_was_sent() {
    let api = filled();
    api.log.append(&[raw("{\n  \"meta\": 1.50\n}")]);
    let token = api.viewer();
    let page = api.get(&token, "/api/v1/events?eventType=DELETED").await;
    insta::assert_snapshot!(page.pretty());
    let one = api.get(&token, "/api/v1/events/3").await;
    insta::assert_snapshot!(one.pretty());
    let unreadable = api.get(&token, "/api/v1/events/6").await.json();
    assert_eq!(unreadable["event"]["unreadable"], "the record has no `timestamp`");
    let sent = api.get(&token, "/api/v1/events?cursor=&limit=1&sort=-timestamp&format=raw").await;
    assert_eq!(
        (sent.body.as_str(), sent.header("content-type")),
        ("{\"meta\": 1.50}\n", "application/x-ndjson")
    );
}

#[tokio::test]
async fn every_filter_of_hubspots_and_more() {
    let api = filled();
    let token = api.viewer();
    let hour = |n: i64| NOW.hour().plus((n - 10) * HOUR);
    let window = format!("eventType=DELETED&after={}&before={}", hour(5), hour(6).0);
    let none = format!("eventType=DELETED&after={}&before={}", hour(0), hour(5));
    for (query, positions) in [
        ("", vec![1, 2, 3, 4, 5]),
        ("objectId=40", vec![1, 2, 3]),
        ("userId=8", vec![4, 5]),
        ("eventType=DELETED,CREATED", vec![1, 5]),
        ("eventType=DELETED&eventType=CREATED&userId=7", vec![1]),
        ("objectType=URL_MAPPING&sort=-timestamp", vec![5, 4]),
        ("text=2024", vec![3]),
        ("text=BOB&limit=1", vec![4]),
        ("account=acme", vec![1, 2, 3, 4, 5]),
        ("account=1&account=ACME&eventType=CREATED", vec![1]),
        (&window, vec![5]),
        (&none, vec![]),
        ("eventType=NEVER_SEEN", vec![]),
    ] {
        let reply = api.get(&token, &format!("/api/v1/events?{query}")).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.body);
        let expected: Vec<Value> = positions.into_iter().map(|position| json!(position)).collect();
        assert_eq!(reply.each("position"), expected, "{query}");
    }
}

#[tokio::test]
async fn pages_lead_to_each_other_however_the_log_grows() {
    let api = filled();
    let token = api.viewer();
    for (sort, expected) in [("timestamp", vec![1, 2, 3, 4, 5]), ("-timestamp", vec![5, 4, 3, 2, 1])] {
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/events?sort={sort}&limit=1&before={}&cursor={next}", NOW.hour());
            let page = api.get(&token, &path).await;
            seen.extend(page.each("position"));
            let link = page.header("link").to_owned();
            let Some(cursor) = page.json()["next"].as_str().map(str::to_owned) else {
                assert_eq!(link, "");
                break;
            };
            assert!(link.contains(&cursor) && link.ends_with("rel=\"next\""), "{link}");
            next = cursor;
        }
        assert_eq!(seen, expected.iter().map(|n| json!(n)).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn an_export_is_everything_in_the_form_that_is_asked_for() {
    let api = filled();
    let many: Vec<_> = (0..1_200).map(|n| Record { object: 1_000 + n, ..at(i64::from(n)) }.seen()).collect();
    api.log.append(&many);
    let token = api.viewer();
    let all = api.get(&token, "/api/v1/events?format=raw").await;
    let sent: Vec<String> = api.log.all().into_iter().map(|entry| entry.raw).collect();
    assert_eq!(all.body.lines().map(str::to_owned).collect::<Vec<_>>(), sent);
    let by_accept =
        api.get_with(&token, "/api/v1/events?objectId=41&original=false", &[("accept", "text/csv")]).await;
    insta::assert_snapshot!(by_accept.body);
    assert_eq!(by_accept.header("content-type"), "text/csv; charset=utf-8");
    for (format, kind) in [("ocsf", "application/x-ndjson"), ("cef", "text/plain; charset=utf-8")] {
        let lines = api.get(&token, &format!("/api/v1/events?format={format}")).await;
        assert_eq!(lines.header("content-type"), kind);
        assert_eq!(lines.body.lines().count(), sent.len(), "{format}");
        let bare = api.get(&token, &format!("/api/v1/events?format={format}&original=false")).await;
        assert_eq!(bare.body.lines().count(), sent.len(), "{format}");
        assert!(bare.body.len() < lines.body.len(), "the original is left out");
    }
    let page = api.get(&token, "/api/v1/events?format=csv&limit=2").await;
    assert_eq!(page.body.lines().count(), 3);
    let rest = api
        .get(&token, &format!("/api/v1/events{}", &page.header("link")[1..page.header("link").len() - 13]))
        .await;
    assert_eq!((rest.status.as_u16(), rest.body.lines().count()), (200, 3));
}

#[tokio::test]
async fn what_cannot_be_accepted_is_a_problem_that_names_it() {
    let api = filled();
    let token = api.viewer();
    for (path, field, detail) in [
        ("events?limit=0", "limit", "1 to 1000"),
        ("events?limit=1001", "limit", "1 to 1000"),
        ("events?limit=-1", "limit", "not a whole number"),
        ("events?sort=objectId", "sort", "not one of timestamp, -timestamp"),
        ("events?cursor=1710081138123", "cursor", "not a cursor"),
        ("events?after=soon", "after", "`soon` is not a time"),
        ("events?eventTypes=DELETED", "eventTypes", "there is no parameter"),
        ("events?format=xml", "format", "not one of json, raw, ocsf"),
        ("events/one", "", "`one` is not a number"),
        ("histogram?step=week", "step", "not one of hour, day"),
        ("histogram?after=0", "after", "too long"),
        ("facets?top=101", "top", "outside of 1 to 100"),
    ] {
        api.get(&token, &format!("/api/v1/{path}")).await.assert_problem(400, field, detail);
    }
    api.get(&token, "/api/v1/events?account=nobody").await.assert_problem(
        404,
        "account",
        "no connector `nobody`",
    );
    api.get(&token, "/api/v1/events/99").await.assert_problem(404, "", "no event at position 99");
    api.get(&token, "/api/v1/nowhere").await.assert_problem(404, "", "nothing at this path");
    api.get("", "/api/v1/events").await.assert_problem(401, "", "nobody is signed in");
    api.get("unknown", "/api/v1/events?limit=x").await.assert_problem(401, "", "no valid token");
    let request = http::Request::delete("/api/v1/events").body(axum::body::Body::empty()).unwrap();
    let reply = api.send(request).await;
    reply.assert_problem(405, "", "other methods");
    assert_eq!(reply.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn an_unchanged_event_is_not_sent_again() {
    let api = filled();
    let token = api.viewer();
    let first = api.get(&token, "/api/v1/events/1").await;
    let tag = first.header("etag").to_owned();
    let again =
        api.get_with(&token, "/api/v1/events/1", &[("if-none-match", &format!("\"x\", W/{tag}"))]).await;
    assert_eq!((again.status.as_u16(), again.body.as_str(), again.header("etag")), (304, "", tag.as_str()));
    assert_eq!(api.get_with(&token, "/api/v1/events/2", &[("if-none-match", &tag)]).await.status, 200);
}

#[tokio::test]
async fn links_lead_to_what_came_before_and_after() {
    let api = filled();
    let token = api.viewer();
    let links = api.get(&token, "/api/v1/events/2").await.json()["links"].clone();
    for (of, direction, positions) in [
        ("person", "later", vec![3]),
        ("person", "earlier", vec![1]),
        ("object", "later", vec![3]),
        ("account", "later", vec![3, 4, 5]),
        ("account", "earlier", vec![1]),
    ] {
        let path = links[of][direction].as_str().unwrap();
        let found = api.get(&token, path).await.each("position");
        assert_eq!(found, positions.iter().map(|n| json!(n)).collect::<Vec<_>>(), "{of} {direction}");
    }
}

#[tokio::test]
async fn a_histogram_is_the_same_from_the_rollup_and_from_the_index() {
    let api = filled();
    let token = api.viewer();
    let range =
        format!("after={}&before={}", NOW.hour().minus(10 * HOUR).plus(5), NOW.hour().minus(4 * HOUR));
    let counts = async |query: &str| {
        let reply = api.get(&token, &format!("/api/v1/histogram?{query}")).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let steps = reply.json()["steps"].as_array().unwrap().clone();
        steps.iter().map(|step| step["entries"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(counts(&range).await, [1, 1, 2, 0, 0, 1]);
    assert_eq!(counts(&format!("{range}&userId=7,8")).await, [1, 1, 2, 0, 0, 1]);
    assert_eq!(counts(&format!("{range}&eventType=UPDATED")).await, [0, 1, 2, 0, 0, 0]);
    assert_eq!(counts(&format!("{range}&text=bob")).await, [0, 0, 1, 0, 0, 1]);
    assert_eq!(counts(&format!("{range}&step=day")).await.iter().sum::<u64>(), 5);
    let day = api.get(&token, &format!("/api/v1/histogram?{range}&objectId=41&step=day")).await;
    insta::assert_snapshot!(day.pretty());
}

#[tokio::test]
async fn facets_tell_what_is_most_frequent() {
    let api = filled();
    api.log.append(&[raw("{}")]);
    let token = api.viewer();
    let all = api.get(&token, "/api/v1/facets").await;
    insta::assert_snapshot!(all.pretty());
    let few = api.get(&token, "/api/v1/facets?top=1&text=bob").await.json();
    assert_eq!((&few["entries"], &few["people"][0]["name"]), (&json!(2), &json!("Bob")));
    assert_eq!(few["eventTypes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_timeline_is_the_history_of_one_person_or_object() {
    let api = filled();
    let token = api.viewer();
    let person = api.get(&token, "/api/v1/people/acme/8/timeline").await;
    insta::assert_snapshot!(person.pretty());
    let object = api.get(&token, "/api/v1/objects/1/40/timeline?limit=1&before=0").await.json();
    assert_eq!(object["names"], json!(["Prices 2024", "Prices"]));
    assert_eq!((object["events"].as_array().unwrap().len(), &object["next"]), (0, &Value::Null));
    assert_eq!(object["firstSeen"], NOW.hour().minus(10 * HOUR).to_string());
    let never = api.get(&token, "/api/v1/objects/acme/999/timeline").await;
    assert_eq!((never.status.as_u16(), &never.json()["names"]), (200, &json!([])));
    api.get(&token, "/api/v1/people/nobody/8/timeline").await.assert_problem(
        404,
        "",
        "no connector `nobody`",
    );
    let raw = api.get(&token, "/api/v1/people/acme/8/timeline?format=raw").await;
    assert_eq!(raw.body.lines().count(), 2);
}

#[tokio::test]
async fn an_event_says_who_is_behind_it_as_far_as_hubspot_tells() {
    let api = filled();
    let token = api.viewer();
    let ann = Person {
        user_id: "7".to_owned(),
        email: Some("ann@example.com".to_owned()),
        first_name: Some("Ann".to_owned()),
        last_name: None,
        role: Some("Editor".to_owned()),
        gone: true,
    };
    let directory = Directory { people: vec![ann], users_allowed: true, owners_allowed: true };
    api.log.store.replace_people(api.log.acme.id, directory, NOW).unwrap();
    let told = json!({ "email": "ann@example.com", "role": "Editor", "gone": true });
    let people = api.get(&token, "/api/v1/events?limit=4").await.each("person");
    assert_eq!(people, [told.clone(), told.clone(), told.clone(), Value::Null]);
    assert_eq!(api.get(&token, "/api/v1/events/1").await.json()["event"]["person"], told);
}
