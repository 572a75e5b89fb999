//! `GET /enter?key=`: the link that the demo prints. It signs in and leads to the overview.

use axum::extract::{RawQuery, State};
use secrecy::SecretString;
use url::form_urlencoded;

use super::page::{Page, see};
use super::sign_in::with_cookie;
use crate::http::App;
use crate::http::auth::{self, Origin};

pub(super) async fn enter(State(app): State<App>, origin: Origin, RawQuery(query): RawQuery) -> Page {
    let query = query.unwrap_or_default();
    let mut given = form_urlencoded::parse(query.as_bytes());
    let key = given.find_map(|(name, value)| (name == "key").then(|| SecretString::from(value.into_owned())));
    let key = key.unwrap_or_else(|| SecretString::from(""));
    let signed_in = auth::enter(&app, &key, origin).await?;
    Ok(with_cookie(see("/"), signed_in.cookie))
}
