//! What people make of findings: acknowledge, judge, own, note, and except what is known to be innocent.

use axum::extract::{Path, State};
use hubtrail_core::finding::FindingId;

use crate::access::{Actor, Role};
use crate::exception::Excepted;
use crate::http::auth::{self, Origin};
use crate::http::{App, Problem};
use crate::judgement::{Status, Verdict};
use crate::moment::length_ms;
use crate::store::{Judged, Owner, Position, Sight};
use crate::ui::fields::Fields;
use crate::ui::page::{Page, see};
use crate::ui::viewer::Viewer;

/// So many at once are a mistake.
const MOST: usize = 500;

/// # Errors
/// When it is none.
pub(super) fn id(text: &str) -> Result<FindingId, Problem> {
    text.parse().map_err(|_| Problem::not_found("there is no such finding"))
}

fn note_of(fields: &Fields) -> Option<String> {
    Some(fields.text("note")).filter(|note| !note.is_empty())
}

async fn judged(
    app: &App,
    viewer: &Viewer,
    origin: Origin,
    findings: Vec<FindingId>,
    (status, owner): (Option<Status>, Option<Owner>),
    fields: &Fields,
) -> Result<(), Problem> {
    viewer.caller.must_be(Role::Analyst)?;
    let seen = fields.text("seen").parse().ok().map(|position| Sight::AsOf(Position(position)));
    let judged = Judged { findings, status, owner, note: note_of(fields), seen, at: app.clock.now() };
    let by = Actor::of(&viewer.caller, origin);
    app.log(move |store| store.judge(judged, &by).map(drop)).await
}

fn status(fields: &Fields) -> Result<Status, Problem> {
    let word = fields.text("status");
    word.parse().map_err(|error: crate::judgement::NoSuchStatus| {
        Problem::invalid("status", error.to_string(), "choose one of the list")
    })
}

/// `POST /findings/{id}/judge`
pub(super) async fn judge(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
    fields: Fields,
) -> Page {
    let (finding, status) = (id(&finding)?, status(&fields)?);
    judged(&app, &viewer, origin, vec![finding], (Some(status), None), &fields).await?;
    Ok(see(&format!("/findings/{finding}?said=judged")))
}

/// `POST /findings/judge`: the same for all that were ticked.
pub(super) async fn judge_many(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    fields: Fields,
) -> Page {
    let findings: Vec<_> = fields.all("id").iter().map(|text| id(text)).collect::<Result<_, _>>()?;
    if findings.is_empty() || findings.len() > MOST {
        return Err(Problem::invalid("id", "no finding was ticked", "tick some and choose again"));
    }
    let done = match fields.text("status").as_str() {
        "own" => (None, Some(Owner::Somebody(viewer.caller.who.name()))),
        _ => (Some(status(&fields)?), None),
    };
    judged(&app, &viewer, origin, findings, done, &fields).await?;
    let back = fields.text("back");
    // Only to the queue: nobody is led elsewhere by a form.
    let back =
        if back == "/findings" || back.starts_with("/findings?") { back } else { "/findings".to_owned() };
    let and = if back.contains('?') { '&' } else { '?' };
    Ok(see(&format!("{back}{and}said=judged")))
}

/// Somebody who may see the finding: whoever else it was given to would never hear of it.
async fn known(app: &App, viewer: &Viewer, finding: FindingId, to: String) -> Result<String, Problem> {
    let kept = app.log(move |store| store.finding(finding)).await?;
    let kept = kept.filter(|kept| viewer.caller.sees(kept.connector));
    let kept = kept.ok_or_else(|| Problem::not_found("there is no such finding"))?;
    let people = auth::people_of(app, &viewer.caller, kept.connector).await?;
    people.into_iter().map(|person| person.name).find(|name| *name == to).ok_or_else(|| {
        Problem::invalid("to", "nobody of this name may see the finding", "choose somebody of the list")
    })
}

/// `POST /findings/{id}/owner`
pub(super) async fn own(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
    fields: Fields,
) -> Page {
    let finding = id(&finding)?;
    let owner = match fields.text("to") {
        to if to.is_empty() => Owner::Nobody,
        to if to == viewer.caller.who.name() => Owner::Somebody(to),
        to => Owner::Somebody(known(&app, &viewer, finding, to).await?),
    };
    judged(&app, &viewer, origin, vec![finding], (None, Some(owner)), &fields).await?;
    Ok(see(&format!("/findings/{finding}?said=changed")))
}

/// `POST /findings/{id}/note`
pub(super) async fn note(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
    fields: Fields,
) -> Page {
    let finding = id(&finding)?;
    if note_of(&fields).is_none() {
        return Err(Problem::invalid("note", "it is empty", "write a word or two"));
    }
    judged(&app, &viewer, origin, vec![finding], (None, None), &fields).await?;
    Ok(see(&format!("/findings/{finding}?said=noted")))
}

/// `POST /findings/{id}/exception`: what is known to be innocent raises no more findings, and this one is closed.
pub(super) async fn except(
    State(app): State<App>,
    viewer: Viewer,
    origin: Origin,
    Path(finding): Path<String>,
    fields: Fields,
) -> Page {
    viewer.caller.must_be(Role::Analyst)?;
    let finding = id(&finding)?;
    let found = app.log(move |store| store.whole_finding(finding)).await?;
    let found = found.filter(|found| viewer.caller.sees(found.now.connector));
    let found = found.ok_or_else(|| Problem::not_found("there is no such finding"))?;
    let now = app.clock.now();
    let for_ms = length_ms(&fields.text("for"))
        .map_err(|error| Problem::invalid("for", error.to_string(), "choose how long it holds"))?;
    let mut objects: Vec<&str> = found.evidence.iter().map(|proof| proof.event.object_id.as_str()).collect();
    objects.sort_unstable();
    objects.dedup();
    let only = |name: &str, value: String| (fields.text(name) == "yes" && !value.is_empty()).then_some(value);
    let what = Excepted {
        connector: Some(found.now.connector),
        rule: only("rule", found.now.finding.rule.clone()),
        person: only("person", found.now.finding.actor.id.clone()),
        object: match objects.as_slice() {
            [one] => only("object", (*one).to_owned()),
            _ => None,
        },
        from: now.min(found.now.finding.first_seen),
        to: now.plus(for_ms),
        maintenance: false,
        reason: fields.text("reason"),
    };
    let by = Actor::of(&viewer.caller, origin);
    let judged = Judged {
        findings: vec![finding],
        status: Some(Status::Closed(Verdict::Expected)),
        owner: None,
        note: Some(fields.text("reason")).filter(|note| !note.is_empty()),
        seen: None,
        at: now,
    };
    app.log(move |store| {
        store.add_exception(what, &by, now)?;
        store.judge(judged, &by).map(drop)
    })
    .await?;
    Ok(see(&format!("/findings/{finding}?said=excepted")))
}
