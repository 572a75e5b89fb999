//! Tokens for programs. One is shown once, on the page that answers its making, and never again.

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Choice, Tab, role, scope, tabs, ticked};
use crate::access::Role;
use crate::http::auth::{self, Origin, TokenFor};
use crate::http::{App, Problem};
use crate::moment::length_ms;
use crate::store::Token;
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "settings_tokens.html")]
struct Tokens {
    frame: Frame,
    tabs: Vec<Tab>,
    tokens: Vec<Line>,
    roles: [Role; 3],
    name: String,
    choice: Choice,
    wrong: Wrong,
    /// Just made, and shown this once.
    made: Option<Made>,
}

struct Made {
    name: String,
    token: String,
}

struct Line {
    id: i64,
    name: String,
    hint: String,
    role: Role,
    scope: String,
    used: Option<When>,
    ends: Option<When>,
    /// Why it no longer holds.
    over: Option<&'static str>,
}

/// What the form holds, or what it led to.
#[derive(Default)]
struct Shown {
    status: StatusCode,
    name: String,
    wrong: Wrong,
    made: Option<Made>,
}

/// `GET /settings/tokens`
pub(super) async fn list(State(app): State<App>, viewer: Viewer) -> Page {
    tokens(&app, &viewer, Shown::default()).await
}

async fn tokens(app: &App, viewer: &Viewer, shown: Shown) -> Page {
    let known = auth::tokens(app, &viewer.caller).await?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let frame = Frame::load(app, viewer, Place::Settings, "API tokens").await?;
    let when = |at| When { at, now: viewer.taste.now, zone: viewer.taste.zone.clone() };
    let line = |token: Token| Line {
        id: token.id,
        over: match (token.revoked_at, token.expires_at) {
            (Some(_), _) => Some("revoked"),
            (None, Some(end)) if end <= viewer.taste.now => Some("expired"),
            _ => None,
        },
        name: token.name,
        hint: token.hint,
        role: token.role,
        scope: scope(&token.accounts, &connectors),
        used: token.used_at.map(when),
        ends: token.expires_at.map(when),
    };
    let lines = known.into_iter().map(line).collect();
    let roles = [Role::Viewer, Role::Analyst, Role::Admin];
    let Shown { status, name, wrong, made } = shown;
    let tabs = tabs(&frame, "/settings/tokens");
    let choice = Choice::blank(&viewer.caller, &connectors);
    page_as(status, &Tokens { tabs, frame, tokens: lines, roles, name, choice, wrong, made })
}

/// `POST /settings/tokens`
pub(super) async fn create(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    let name = fields.text("name");
    let lifetime = fields.text("lifetime");
    let expires_at = match lifetime.as_str() {
        "" | "never" => None,
        length => Some(
            length_ms(length)
                .map_err(|error| Problem::invalid("lifetime", error.to_string(), "choose one of the list"))?,
        ),
    };
    let made = async {
        let new = TokenFor {
            name: name.clone(),
            role: role(&fields)?,
            accounts: ticked(&fields)?,
            expires_at: expires_at.map(|ms| app.clock.now().plus(ms)),
        };
        auth::create_token(&app, &viewer.caller, origin, new).await
    };
    let shown = match made.await {
        Ok((token, secret)) => Shown { made: Some(Made::new(token.name, &secret)), ..Shown::default() },
        Err(problem) if problem.field.is_some() => {
            Shown { status: StatusCode::BAD_REQUEST, name, wrong: problem.into(), made: None }
        }
        Err(problem) => return Err(problem),
    };
    tokens(&app, &viewer, shown).await
}

impl Made {
    fn new(name: String, secret: &SecretString) -> Self {
        Self { name, token: secret.expose_secret().to_owned() }
    }
}

/// `POST /settings/tokens/{id}/revoke`
pub(super) async fn revoke(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
) -> Page {
    auth::revoke_token(&app, &viewer.caller, origin, id).await?;
    Ok(see("/settings/tokens?said=revoked"))
}
