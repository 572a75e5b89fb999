//! The people who may sign in, and one of them to be changed. Nobody gives more than they have: see
//! [`auth`](crate::http::auth).

use askama::Template;
use axum::extract::{Path, State};
use http::StatusCode;
use secrecy::SecretString;

use super::{Choice, Tab, own_id, role, scope, tabs, ticked};
use crate::access::Role;
use crate::http::auth::{self, NewPerson, Origin, PersonChange};
use crate::http::{App, Problem};
use crate::store::User;
use crate::ui::fields::{Fields, Wrong};
use crate::ui::filters;
use crate::ui::frame::{Frame, Place};
use crate::ui::page::{Page, page_as, see};
use crate::ui::viewer::Viewer;
use crate::ui::when::When;

#[derive(Template)]
#[template(path = "settings_people.html")]
struct People {
    frame: Frame,
    tabs: Vec<Tab>,
    people: Vec<Person>,
    roles: [Role; 3],
    name: String,
    choice: Choice,
    wrong: Wrong,
}

struct Person {
    id: i64,
    name: String,
    role: Role,
    scope: String,
    signed_in: Option<When>,
    disabled: bool,
    own: bool,
}

#[derive(Template)]
#[template(path = "settings_person.html")]
struct One {
    frame: Frame,
    tabs: Vec<Tab>,
    id: i64,
    name: String,
    role: Role,
    disabled: bool,
    /// How they were when the form was drawn.
    was: String,
    roles: [Role; 3],
    choice: Choice,
    wrong: Wrong,
}

const ROLES: [Role; 3] = [Role::Viewer, Role::Analyst, Role::Admin];

/// `GET /settings/people`
pub(super) async fn list(State(app): State<App>, viewer: Viewer) -> Page {
    people(&app, &viewer, StatusCode::OK, String::new(), Wrong::default()).await
}

async fn people(app: &App, viewer: &Viewer, status: StatusCode, name: String, wrong: Wrong) -> Page {
    let known = auth::people(app, &viewer.caller).await?;
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let frame = Frame::load(app, viewer, Place::Settings, "People").await?;
    let own = own_id(&viewer.caller);
    let people = known.into_iter().map(|user| Person {
        id: user.id,
        name: user.name,
        role: user.role,
        scope: scope(&user.accounts, &connectors),
        signed_in: user.signed_in_at.map(|at| When {
            at,
            now: viewer.taste.now,
            zone: viewer.taste.zone.clone(),
        }),
        disabled: user.disabled,
        own: own == Some(user.id),
    });
    page_as(
        status,
        &People {
            tabs: tabs(&frame, "/settings/people"),
            people: people.collect(),
            frame,
            roles: ROLES,
            name,
            choice: Choice::blank(&viewer.caller, &connectors),
            wrong,
        },
    )
}

/// `POST /settings/people`
pub(super) async fn add(State(app): State<App>, viewer: Viewer, origin: Origin, fields: Fields) -> Page {
    let name = fields.text("name");
    let password = fields.secret("password").unwrap_or_else(|| SecretString::from(""));
    let added = async {
        let (role, accounts) = (role(&fields)?, ticked(&fields)?);
        let new = NewPerson { name: name.clone(), password, role, accounts };
        auth::create_person(&app, &viewer.caller, origin, new).await
    };
    match added.await {
        Ok(_) => Ok(see("/settings/people?said=added")),
        Err(problem) if problem.field.is_some() => {
            people(&app, &viewer, StatusCode::BAD_REQUEST, name, problem.into()).await
        }
        Err(problem) => Err(problem),
    }
}

/// `GET /settings/people/{id}`
pub(super) async fn one(State(app): State<App>, viewer: Viewer, Path(id): Path<i64>) -> Page {
    let user = find(&app, &viewer, id).await?;
    person(&app, &viewer, StatusCode::OK, user, Wrong::default()).await
}

/// What a form changes, as whoever sees it goes by.
fn state(user: &User) -> String {
    format!("{} {} {:?}", user.role, user.disabled, user.accounts)
}

/// Somebody else: one changes oneself in another place.
async fn find(app: &App, viewer: &Viewer, id: i64) -> Result<User, Problem> {
    let known = auth::people(app, &viewer.caller).await?;
    let other = known.into_iter().find(|user| user.id == id && own_id(&viewer.caller) != Some(id));
    other.ok_or_else(|| Problem::not_found("there is nobody else of this number"))
}

async fn person(app: &App, viewer: &Viewer, status: StatusCode, user: User, wrong: Wrong) -> Page {
    let connectors = app.log(|store| store.connectors_ever()).await?;
    let frame = Frame::load(app, viewer, Place::Settings, &user.name).await?;
    let one = One {
        tabs: tabs(&frame, "/settings/people"),
        frame,
        id: user.id,
        role: user.role,
        disabled: user.disabled,
        was: state(&user),
        roles: ROLES,
        choice: Choice::holding(&user.accounts, &viewer.caller, &connectors),
        name: user.name,
        wrong,
    };
    page_as(status, &one)
}

/// `POST /settings/people/{id}`: another role, other accounts, or whether they may sign in.
pub(super) async fn change(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
    fields: Fields,
) -> Page {
    let user = find(&app, &viewer, id).await?;
    if fields.has("was") && fields.text("was") != state(&user) {
        let problem = Problem::conflict("somebody else has changed this person meanwhile")
            .fix("below is how they are now: change it again where it is still wanted");
        return person(&app, &viewer, StatusCode::CONFLICT, user, problem.into()).await;
    }
    let changed = async {
        let all = || viewer.caller.accounts.clone();
        let change = PersonChange {
            role: fields.has("role").then(|| role(&fields)).transpose()?,
            accounts: match fields.has("scope") {
                true => Some(ticked(&fields)?.unwrap_or_else(all)),
                false => None,
            },
            disabled: fields.has("disabled").then(|| fields.text("disabled") == "yes"),
            password: fields.secret("password"),
        };
        auth::change_person(&app, &viewer.caller, origin, id, change).await
    };
    match changed.await {
        Ok(_) => Ok(see("/settings/people?said=changed")),
        Err(problem) if problem.field.is_some() => {
            person(&app, &viewer, StatusCode::BAD_REQUEST, user, problem.into()).await
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /settings/people/{id}/remove`
pub(super) async fn remove(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(id): Path<i64>,
) -> Page {
    if own_id(&viewer.caller) == Some(id) {
        return Err(Problem::conflict("nobody removes themselves").fix("ask another administrator"));
    }
    auth::delete_person(&app, &viewer.caller, origin, id).await?;
    Ok(see("/settings/people?said=removed"))
}
