//! `hubtrail findings exception`: what is known to be innocent, until when, and why.

use clap::{Args, Subcommand};
use hubtrail_core::sentence::harmless;
use hubtrail_core::time::UtcMs;
use jiff::tz::TimeZone;

use crate::access::{Accounts, Actor};
use crate::cli::failure::Failure;
use crate::cli::{Session, output};
use crate::exception::{Excepted, Exception, ExceptionId};
use crate::moment::{Moment, length_ms};
use crate::rules::Book;
use crate::store::ExceptionSearch;

/// Hide what is known to be innocent, for a time and with a reason
#[derive(Debug, Args)]
pub(super) struct ExceptionCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Add(Add),
    List(List),
    End(End),
}

/// Make an exception; what it covers is still found, kept and counted
#[derive(Debug, Args)]
#[command(after_help = "\
Of rule, person and object at least one, but for maintenance.

Examples:
  hubtrail findings exception add --rule many_unpublished --person 1011561 --for 7d --reason 'the site moves'
  hubtrail findings exception add --maintenance --from 2026-03-01T20:00:00Z --for 4h --reason 'release night'")]
struct Add {
    /// Only in this connector's account
    #[arg(long, value_name = "NAME")]
    connector: Option<String>,
    /// What this rule finds, by name or id
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// What this HubSpot user did, all of it
    #[arg(long, value_name = "ID")]
    person: Option<String>,
    /// What was done to this object, and nothing else
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// For what happens from here on [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<Moment>,
    /// For so long: 2h, 7d
    #[arg(long = "for", value_name = "LENGTH", value_parser = length)]
    length_ms: i64,
    /// A window of maintenance: anything that happens in it may be part of it
    #[arg(long)]
    maintenance: bool,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// List the exceptions in force
#[derive(Debug, Args)]
struct List {
    /// Also those that are over or were ended
    #[arg(long)]
    all: bool,
}

/// End an exception before its time
#[derive(Debug, Args)]
struct End {
    /// Its number
    #[arg(value_name = "NUMBER")]
    number: i64,
}

fn length(text: &str) -> Result<i64, String> {
    length_ms(text).map_err(|error| error.to_string())
}

impl ExceptionCommand {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<()> {
        match self.action {
            Action::Add(add) => add.run(session),
            Action::List(list) => list.run(session),
            Action::End(end) => end.run(session),
        }
    }
}

impl Add {
    fn run(self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let now = session.clock.now();
        let connector = self.connector.map(|name| store.connector(&name)).transpose()?;
        let rules = Book::read(&store)?.rules(&TimeZone::UTC);
        let rule = match self.rule {
            Some(named) => {
                let missing = || {
                    Failure::new(
                        format!("there is no rule `{named}`"),
                        "see `hubtrail rules list` for names and ids",
                    )
                };
                Some(rules.find(&named).ok_or_else(missing)?.id.clone())
            }
            None => None,
        };
        let from = self.from.map_or(now, |from| from.from_now(now));
        let what = Excepted {
            connector: connector.map(|connector| connector.id),
            rule,
            person: self.person,
            object: self.object,
            from,
            to: from.plus(self.length_ms),
            maintenance: self.maintenance,
            reason: self.reason,
        };
        let made = store.add_exception(what, &Actor::command_line(), now)?;
        Ok(output::print_line(format_args!("exception {} until {}", made.id.0, made.what.to))?)
    }
}

impl List {
    fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let in_force = (!self.all).then(|| session.clock.now());
        let search = ExceptionSearch { within: Accounts::All, in_force, limit: usize::MAX };
        let exceptions = store.exceptions(&search)?;
        if exceptions.is_empty() {
            output::say("there are no exceptions");
            return Ok(());
        }
        let mut table =
            output::table(&["NUMBER", "COVERS", "FROM (UTC)", "UNTIL (UTC)", "HIDDEN", "BY", "WHY"]);
        for exception in &exceptions {
            table.add_row(vec![
                exception.id.0.to_string(),
                harmless(&covers(exception)).into_owned(),
                short(exception.what.from),
                exception.ended.as_ref().map_or_else(|| short(exception.what.to), |(at, _)| short(*at)),
                exception.hidden.to_string(),
                harmless(&exception.created_by).into_owned(),
                harmless(&exception.what.reason).into_owned(),
            ]);
        }
        Ok(output::print_table(&table)?)
    }
}

impl End {
    fn run(&self, session: &Session) -> anyhow::Result<()> {
        let store = session.existing_store()?;
        let ended =
            store.end_exception(ExceptionId(self.number), &Actor::command_line(), session.clock.now())?;
        Ok(output::print_line(format_args!("exception {} holds no more", ended.id.0))?)
    }
}

fn covers(exception: &Exception) -> String {
    let what = &exception.what;
    let named = |word: &str, value: &Option<String>| value.as_ref().map(|value| format!("{word} {value}"));
    let parts = [
        what.maintenance.then(|| "maintenance".to_owned()),
        what.connector.map(|connector| format!("connector {connector}")),
        named("rule", &what.rule),
        named("person", &what.person),
        named("object", &what.object),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn short(at: UtcMs) -> String {
    at.to_string().get(..16).unwrap_or_default().replace('T', " ")
}
