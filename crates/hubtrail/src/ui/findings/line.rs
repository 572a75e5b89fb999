//! A finding as a line of a list.

use hubtrail_core::finding::Severity;
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;

use crate::connector::ConnectorId;
use crate::http::{App, Problem};
use crate::judgement::Status;
use crate::store::{Entry, FindingSearch, KeptFinding, Subject};
use crate::ui::events::row::Names;
use crate::ui::severity::Risk;
use crate::ui::viewer::{Taste, Viewer};
use crate::ui::when::When;

#[derive(Clone, Debug)]
pub(in crate::ui) struct Line {
    pub(in crate::ui) id: String,
    pub(in crate::ui) risk: Risk,
    pub(in crate::ui) score: String,
    pub(in crate::ui) title: String,
    pub(in crate::ui) reason: String,
    pub(in crate::ui) who: String,
    pub(in crate::ui) account: Option<String>,
    pub(in crate::ui) when: When,
    pub(in crate::ui) status: &'static str,
    pub(in crate::ui) owner: Option<String>,
    pub(in crate::ui) events: usize,
    pub(in crate::ui) hidden: bool,
    pub(in crate::ui) watch: bool,
    /// It has grown since somebody judged it.
    pub(in crate::ui) grown: bool,
}

impl Line {
    pub(in crate::ui) fn new(kept: &KeptFinding, names: &Names, taste: &Taste) -> Self {
        let finding = &kept.finding;
        Self {
            id: finding.id.to_string(),
            risk: Risk(finding.severity),
            score: format!("{:.0}", finding.score),
            title: harmless(&finding.title).into_owned(),
            reason: harmless(&finding.reason).into_owned(),
            who: who(&finding.actor.name, &finding.actor.id),
            account: names.get(&kept.connector).cloned(),
            when: When { at: finding.time, now: taste.now, zone: taste.zone.clone() },
            status: status(kept.status),
            owner: kept.owner.as_deref().map(|owner| harmless(owner).into_owned()),
            events: finding.events,
            hidden: kept.is_hidden(),
            watch: finding.watch,
            grown: kept.grown_since_judged,
        }
    }
}

/// Some findings are of nobody in particular.
pub(in crate::ui) fn who(name: &str, id: &str) -> String {
    match (name.trim(), id.trim()) {
        ("", "") => "Several people".to_owned(),
        ("", id) => format!("User {}", harmless(id)),
        (name, _) => harmless(name).into_owned(),
    }
}

pub(in crate::ui) const fn status(status: Status) -> &'static str {
    match status {
        Status::New => "New",
        Status::Acknowledged => "Acknowledged",
        Status::Closed(crate::judgement::Verdict::Malicious) => "Malicious",
        Status::Closed(crate::judgement::Verdict::Expected) => "Expected",
        Status::Closed(crate::judgement::Verdict::False) => "False alarm",
    }
}

/// What waits for somebody, the worst first, in the accounts that the viewer sees.
///
/// # Errors
/// When the log cannot be read.
pub(in crate::ui) async fn open(
    app: &App,
    viewer: &Viewer,
    account: Option<ConnectorId>,
    actor: Option<String>,
    names: &Names,
    most: usize,
) -> Result<Vec<Line>, Problem> {
    let wanted = account.map(|account| vec![account]);
    let search = FindingSearch {
        connectors: viewer.caller.within(wanted.as_deref()),
        statuses: Status::OPEN.to_vec(),
        actors: actor.into_iter().collect(),
        watch: Some(false),
        hidden: Some(false),
        limit: super::queue::MOST,
        ..FindingSearch::default()
    };
    let mut found = app.log(move |store| store.findings(&search)).await?;
    by_risk(&mut found);
    found.truncate(most);
    Ok(found.iter().map(|kept| Line::new(kept, names, &viewer.taste)).collect())
}

/// When something was found in a time, and how bad it is; what is hidden, and the watches, ask nothing of anybody.
///
/// # Errors
/// When the log cannot be read.
pub(in crate::ui) async fn marks(
    app: &App,
    viewer: &Viewer,
    account: Option<ConnectorId>,
    range: (Option<UtcMs>, Option<UtcMs>),
) -> Result<Vec<(UtcMs, Severity)>, Problem> {
    let wanted = account.map(|account| vec![account]);
    let search = FindingSearch {
        connectors: viewer.caller.within(wanted.as_deref()),
        watch: Some(false),
        hidden: Some(false),
        after: range.0,
        before: range.1,
        limit: super::queue::MOST,
        ..FindingSearch::default()
    };
    let found = app.log(move |store| store.findings(&search)).await?;
    Ok(found.into_iter().map(|kept| (kept.finding.time, kept.finding.severity)).collect())
}

/// Of so many events of an object, the newest, a page says what they are evidence of.
pub(super) const NEWEST: usize = 20_000;

/// What was ever found about a person or an object and shown to people, the newest first.
///
/// # Errors
/// When the log cannot be read.
pub(in crate::ui) async fn about(
    app: &App,
    viewer: &Viewer,
    account: ConnectorId,
    subject: Subject,
) -> Result<Vec<Line>, Problem> {
    const MOST: usize = 10;
    let (actors, objects) = match subject {
        Subject::Person(id) => (vec![id], Vec::new()),
        Subject::Object(id) => (Vec::new(), vec![id]),
    };
    let search = FindingSearch {
        connectors: viewer.caller.within(Some(&[account])),
        actors,
        objects,
        newest_events: Some(NEWEST),
        hidden: Some(false),
        limit: MOST,
        ..FindingSearch::default()
    };
    let found = app.log(move |store| store.findings(&search)).await?;
    Ok(found.iter().map(|kept| Line::new(kept, &Names::new(), &viewer.taste)).collect())
}

/// The findings that an event is evidence of.
///
/// # Errors
/// When the log cannot be read.
pub(in crate::ui) async fn proved_by(
    app: &App,
    viewer: &Viewer,
    entry: &Entry,
) -> Result<Vec<Line>, Problem> {
    let (timestamp, id) = (entry.timestamp, entry.event_id);
    let found = app
        .log(move |store| {
            let ids = store.findings_proved_by(timestamp, id)?;
            let whole = ids.into_iter().map(|id| store.whole_finding(id));
            whole.collect::<Result<Vec<_>, _>>()
        })
        .await?;
    let own = found.into_iter().flatten().filter(|found| viewer.caller.sees(found.now.connector));
    Ok(own.map(|found| Line::new(&found.now, &Names::new(), &viewer.taste)).collect())
}

/// The worst first; of equals, the newest.
pub(in crate::ui) fn by_risk(found: &mut [KeptFinding]) {
    found.sort_by(|a, b| {
        let risk = |kept: &KeptFinding| (kept.finding.severity, kept.finding.time);
        b.finding
            .severity
            .cmp(&a.finding.severity)
            .then(b.finding.score.total_cmp(&a.finding.score))
            .then(risk(b).cmp(&risk(a)))
    });
}
