//! Stylesheets, modules and icons, inside the binary. Their address holds a digest of all of them, so that
//! a browser may keep them for ever and a new version is never mixed with an old one.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest as _, Sha256};

struct Asset {
    name: &'static str,
    kind: &'static str,
    text: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const MODULE: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        Asset { name: $name, kind: $kind, text: include_str!(concat!("../../assets/", $name)) }
    };
}

static ASSETS: &[Asset] = &[
    Asset { name: "console.css", kind: CSS, text: FRAME },
    Asset { name: "parts.css", kind: CSS, text: PARTS },
    asset!("icons.svg", SVG),
    asset!("favicon.svg", SVG),
    asset!("favicon-act.svg", SVG),
    asset!("js/console.js", MODULE),
    asset!("js/chart.js", MODULE),
    asset!("js/choices.js", MODULE),
    asset!("js/connection.js", MODULE),
    asset!("js/drawer.js", MODULE),
    asset!("js/editor.js", MODULE),
    asset!("js/keys.js", MODULE),
    asset!("js/opens.js", MODULE),
    asset!("js/page.js", MODULE),
    asset!("js/palette.js", MODULE),
    asset!("js/part.js", MODULE),
    asset!("js/pushed.js", MODULE),
    asset!("js/query.js", MODULE),
    asset!("js/rows.js", MODULE),
    asset!("js/stages.js", MODULE),
    asset!("js/tail.js", MODULE),
    asset!("js/theme.js", MODULE),
    asset!("js/ticks.js", MODULE),
    asset!("js/times.js", MODULE),
    asset!("js/toast.js", MODULE),
];

/// What the frame of every page is drawn with: nothing is drawn before it is there.
const FRAME: &str = concat!(
    include_str!("../../assets/css/tokens.css"),
    include_str!("../../assets/css/base.css"),
    include_str!("../../assets/css/frame.css"),
);

/// What pages are made of. It stands where the body begins, so that a browser reads on when it is there: it would
/// otherwise lay out the whole page without a style, and a moment later again.
const PARTS: &str = concat!(
    include_str!("../../assets/css/parts.css"),
    include_str!("../../assets/css/events.css"),
    include_str!("../../assets/css/people.css"),
    include_str!("../../assets/css/choices.css"),
    include_str!("../../assets/css/findings.css"),
    include_str!("../../assets/css/connectors.css"),
    include_str!("../../assets/css/print.css"),
);

static BUILD: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in ASSETS {
        digest.update(asset.text.as_bytes());
    }
    hex::encode(&digest.finalize()[..6])
});

/// Where the assets of this build are.
pub(super) fn base() -> String {
    format!("/assets/{}", *BUILD)
}

pub(super) async fn serve(Path((build, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // A page of an older version asks for its own assets once more: it gets the new ones, and may not keep them.
    let keep = if build == *BUILD { "public, max-age=31536000, immutable" } else { "no-store" };
    ([(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, keep)], asset.text).into_response()
}
