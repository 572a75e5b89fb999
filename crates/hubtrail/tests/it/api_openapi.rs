//! The document of the API: kept in the repository, so that each change to the interface is seen.

use std::path::Path;

use crate::api_support::Api;

#[test]
fn the_document_in_the_repository_is_what_the_routes_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let now = format!("{}\n", serde_json::to_string_pretty(&hubtrail::http::document()).unwrap());
    let kept = std::fs::read_to_string(root.join("docs/openapi.json")).unwrap_or_default();
    if now != kept {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("openapi.json");
        std::fs::write(&new, now).unwrap();
        panic!("the API has changed: look at it, then `cp {} docs/openapi.json`", new.display());
    }
}

#[tokio::test]
async fn it_is_served_to_everyone() {
    let api = Api::new();
    let served = api.get("", "/api/v1/openapi.json").await;
    assert_eq!(served.status, 200);
    assert_eq!(served.json(), hubtrail::http::document());
    assert_eq!(served.json()["openapi"], "3.1.0");
}
