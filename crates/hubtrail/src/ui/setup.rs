//! The first start: the one-time link leads to a password, the password to the first account.

use askama::Template;
use axum::extract::{RawQuery, State};
use http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;

use super::fields::{Fields, Wrong};
use super::page::{Page, page, page_as, see};
use super::sign_in::with_cookie;
use super::viewer::Taste;
use super::{asset, filters};
use crate::http::App;
use crate::http::auth::{self, Origin};

#[derive(Template)]
#[template(path = "setup.html")]
struct Setup {
    assets: String,
    theme: &'static str,
    key: String,
    name: String,
    wrong: Wrong,
    /// Whether the link still leads anywhere.
    open: bool,
    anybody: bool,
}

/// `GET /setup?key=`
pub(super) async fn show(State(app): State<App>, taste: Taste, RawQuery(query): RawQuery) -> Page {
    let key = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "key").then(|| SecretString::from(value.into_owned())));
    let key = key.unwrap_or_else(|| SecretString::from(""));
    let anybody = app.log(|store| store.has_users()).await?;
    let open = app.gate.setup.opens(&key);
    let key = if open { key.expose_secret().to_owned() } else { String::new() };
    page(&form(&taste, key, String::new(), Wrong::default(), open, anybody))
}

/// `POST /setup`
pub(super) async fn set_up(State(app): State<App>, taste: Taste, origin: Origin, fields: Fields) -> Page {
    let (key, name) = (fields.text("key"), fields.text("name"));
    let again = |wrong| {
        let open = app.gate.setup.opens(&SecretString::from(key.clone()));
        page_as(StatusCode::BAD_REQUEST, &form(&taste, key.clone(), name.clone(), wrong, open, false))
    };
    let Some(password) = fields.secret("password") else {
        return again(Wrong::new("password", "there is no password", "use at least 12 characters"));
    };
    match auth::set_up(&app, &SecretString::from(key.clone()), name.clone(), password, origin).await {
        Ok(signed_in) => Ok(with_cookie(see("/connectors/new"), signed_in.cookie)),
        Err(problem) => again(problem.into()),
    }
}

fn form(taste: &Taste, key: String, name: String, wrong: Wrong, open: bool, anybody: bool) -> Setup {
    Setup { assets: asset::base(), theme: taste.theme, key, name, wrong, open, anybody }
}
