//! What is in an account that is somebody else's is not there.

use hubtrail::access::Role;
use serde_json::json;

use crate::api_support::Api;
use crate::store_support::{Record, at};

#[tokio::test]
async fn a_token_of_another_account_gets_nothing_of_the_first() {
    let api = Api::new();
    let other = api.log.add("other");
    api.log.append(&[at(1).seen(), at(2).seen()]);
    api.log.append_to(&other, &[Record { object_name: "theirs".to_owned(), ..at(3) }.seen()]);
    let token = api.token("of-other", Role::Viewer, Some(&[other.id]));
    assert_eq!(api.get(&token, "/api/v1/events").await.each("position"), [json!(3)]);
    for path in [
        "/api/v1/events?account=acme",
        "/api/v1/events?account=1",
        "/api/v1/events/1",
        "/api/v1/histogram?account=acme",
        "/api/v1/facets?account=other,acme",
        "/api/v1/people/acme/7/timeline",
        "/api/v1/objects/1/40/timeline",
        "/api/v1/events/stream?account=acme",
    ] {
        let reply = api.get(&token, path).await;
        assert_eq!(reply.status, 404, "{path}: {}", reply.body);
    }
    for path in [
        "/api/v1/events",
        "/api/v1/events?format=raw",
        "/api/v1/events?format=csv",
        "/api/v1/histogram?after=0&before=1",
        "/api/v1/facets",
        "/api/v1/people/other/7/timeline",
        "/api/v1/objects/other/40/timeline",
    ] {
        let reply = api.get(&token, path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert!(!reply.body.contains("acme") && !reply.body.contains("Prices"), "{path}: {}", reply.body);
    }
    let of_none = api.token("of-none", Role::Admin, Some(&[]));
    assert!(api.get(&of_none, "/api/v1/events").await.each("position").is_empty());
}
