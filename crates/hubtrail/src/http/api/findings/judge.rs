//! What people make of findings, one or many at a time.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, header};
use hubtrail_core::finding::FindingId;
use hubtrail_core::time::UtcMs;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{missing, read_id};
use crate::access::{Actor, Caller, Role};
use crate::http::accounts::Accounts;
use crate::http::auth::Origin;
use crate::http::extract::{Body, Path, Query};
use crate::http::found::FindingTold;
use crate::http::{App, Problem, etag};
use crate::judgement::{Status, Verdict};
use crate::store::{Judged, Owner, Position, Sight};

const MOST_FINDINGS: usize = 1_000;
const MOST_CHARS: usize = 10_000;

/// What to do with findings; what is left out stays as it is
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(in crate::http::api) struct Judging {
    /// A status, or what it turned out to be, which closes it.
    #[schema(inline)]
    status: Option<NewStatus>,
    /// Whose it is from now on; `me`, or empty for nobody's.
    owner: Option<String>,
    /// What to remember about it.
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum NewStatus {
    New,
    Acknowledged,
    Malicious,
    Expected,
    False,
}

/// The same for many findings
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct JudgingMany {
    /// Their ids, 1000 at most.
    findings: Vec<String>,
    #[schema(inline)]
    status: Option<NewStatus>,
    /// As for one.
    owner: Option<String>,
    note: Option<String>,
}

/// The findings as they are then
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http::api) struct JudgedList {
    findings: Vec<FindingTold>,
}

impl NewStatus {
    fn status(self) -> Status {
        match self {
            Self::New => Status::New,
            Self::Acknowledged => Status::Acknowledged,
            Self::Malicious => Status::Closed(Verdict::Malicious),
            Self::Expected => Status::Closed(Verdict::Expected),
            Self::False => Status::Closed(Verdict::False),
        }
    }
}

impl Judging {
    fn read(self, findings: Vec<FindingId>, caller: &Caller, at: UtcMs) -> Result<Judged, Problem> {
        let note = self.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > MOST_CHARS) {
            return Err(Problem::invalid("note", "a note has 10000 characters at most", "shorten it"));
        }
        let owner = self.owner.map(|owner| match owner.trim() {
            "" => Owner::Nobody,
            "me" => Owner::Somebody(caller.who.name()),
            name => Owner::Somebody(name.chars().take(100).collect()),
        });
        if self.status.is_none() && owner.is_none() && note.is_none() {
            let fix = "give a status, an owner or a note";
            return Err(Problem::invalid("status", "nothing is to be done", fix));
        }
        let status = self.status.map(NewStatus::status);
        Ok(Judged { status, owner, note, ..Judged::new(findings, at) })
    }
}

/// Judge a finding
///
/// Acknowledge it, close it as `malicious`, `expected` or `false`, open it again, give it to somebody, or note
/// something. Each is an entry of the log with who and when. Needs the role analyst.
#[utoipa::path(
    patch, path = "/findings/{finding}", tag = "findings", request_body = Judging,
    params(
        ("finding" = String, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "The ETag that you saw"),
    ),
    responses((status = OK, body = FindingTold, headers(("ETag" = String, description = "For `If-Match`"))))
)]
pub(in crate::http::api) async fn judge(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    headers: HeaderMap,
    Path(named): Path<String>,
    Query(()): Query<()>,
    Body(judging): Body<Judging>,
) -> Result<Response, Problem> {
    let id = read_id(&named)?;
    let kept = app.log(move |store| store.finding(id)).await?;
    let kept = kept.filter(|kept| caller.sees(kept.connector)).ok_or_else(|| missing(&named))?;
    caller.must_be(Role::Analyst)?;
    etag::must_match(&headers, kept.changed.0)?;
    let seen = headers.contains_key(header::IF_MATCH).then_some(Sight::Exactly(Position(kept.changed.0)));
    let judged = Judged { seen, ..judging.read(vec![id], &caller, app.clock.now())? };
    let actor = Actor::of(&caller, origin);
    let judged = app.log(move |store| store.judge(judged, &actor)).await?;
    let kept = judged.first().ok_or_else(|| missing(&named))?;
    let accounts = Accounts::of(&app, &caller).await?;
    Ok(etag::revised(kept.changed.0, FindingTold::of(kept, &accounts)))
}

/// Judge many findings
///
/// All of them, or none when one of them is not there.
#[utoipa::path(
    post, path = "/findings/judge", tag = "findings", request_body = JudgingMany,
    responses((status = OK, body = JudgedList))
)]
pub(in crate::http::api) async fn judge_many(
    caller: Caller,
    State(app): State<App>,
    origin: Origin,
    Query(()): Query<()>,
    Body(many): Body<JudgingMany>,
) -> Result<Json<JudgedList>, Problem> {
    caller.must_be(Role::Analyst)?;
    let JudgingMany { findings, status, owner, note } = many;
    if !(1..=MOST_FINDINGS).contains(&findings.len()) {
        return Err(Problem::invalid(
            "findings",
            "1 to 1000 findings are judged at a time",
            "name them by id",
        ));
    }
    let ids = findings.iter().map(|id| read_id(id).map_err(|problem| problem.field("findings")));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    let judged = Judging { status, owner, note }.read(ids, &caller, app.clock.now())?;
    let actor = Actor::of(&caller, origin);
    let judged = app.log(move |store| store.judge(judged, &actor)).await?;
    let accounts = Accounts::of(&app, &caller).await?;
    Ok(Json(JudgedList { findings: judged.iter().map(|kept| FindingTold::of(kept, &accounts)).collect() }))
}
