//! Signing in and out. Where there is nobody yet, the page says how the first person gets in.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use secrecy::SecretString;
use url::form_urlencoded;

use super::fields::{Fields, Wrong};
use super::page::{Page, page, page_as, see};
use super::viewer::Taste;
use super::{asset, filters};
use crate::http::auth::{self, Origin, Session};
use crate::http::{App, Problem};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    assets: String,
    theme: &'static str,
    to: String,
    name: String,
    wrong: Wrong,
    anybody: bool,
}

/// `GET /sign-in`
pub(super) async fn show(
    State(app): State<App>,
    taste: Taste,
    session: Option<Session>,
    RawQuery(query): RawQuery,
) -> Page {
    let to = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "to").then(|| value.into_owned()));
    let to = own_path(&to.unwrap_or_default());
    if session.is_some() {
        return Ok(see(&to));
    }
    let anybody = app.log(|store| store.has_users()).await?;
    page(&form(&taste, to, String::new(), Wrong::default(), anybody))
}

/// `POST /sign-in`
pub(super) async fn sign_in(State(app): State<App>, taste: Taste, origin: Origin, fields: Fields) -> Page {
    let (name, to) = (fields.text("name"), own_path(&fields.text("to")));
    let password = fields.secret("password").unwrap_or_else(|| SecretString::from(""));
    match auth::sign_in(&app, name.clone(), password, origin).await {
        Ok(signed_in) => Ok(with_cookie(see(&to), signed_in.cookie)),
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
            page_as(status, &form(&taste, to, name, problem.into(), true))
        }
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(
    State(app): State<App>,
    session: Session,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let cookie = auth::sign_out(&app, &headers, &session, origin).await?;
    Ok(with_cookie(see("/sign-in"), cookie))
}

pub(super) fn with_cookie(response: Response, cookie: HeaderValue) -> Response {
    ([(header::SET_COOKIE, cookie)], response).into_response()
}

fn form(taste: &Taste, to: String, name: String, wrong: Wrong, anybody: bool) -> SignIn {
    SignIn { assets: asset::base(), theme: taste.theme, to, name, wrong, anybody }
}

/// Nobody is led away from here by a link to the sign-in page.
fn own_path(to: &str) -> String {
    let own = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\r', '\n']);
    if own { to.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn signing_in_leads_nowhere_else() {
        assert_eq!(own_path("/events?text=a"), "/events?text=a");
        for elsewhere in ["", "https://evil.example", "//evil.example", "/\\evil.example", "javascript:x"] {
            assert_eq!(own_path(elsewhere), "/", "{elsewhere}");
        }
    }
}
