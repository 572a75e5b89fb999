//! `hubtrail collect`: one connector in the foreground, until it has everything or until Ctrl-C.

use std::future::pending;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Args;
use hubtrail_core::time::{UtcMs, spoken};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::failure::Failure;
use super::progress::ProgressView;
use super::session::{ended, wait_for};
use super::{Session, output};
use crate::clock::Clock;
use crate::collect::{CollectError, Collector, News, Tell, WalkReport};
use crate::connector::Connector;
use crate::moment::Moment;
use crate::retention;
use crate::store::{RoleLock, Store, StoreError};

/// How soon a change by another command is noticed.
const LOOK_EVERY_MS: u64 = 500;

/// Collect a connector's events in the foreground
#[derive(Debug, Args)]
#[command(after_help = "\
Without options it follows the account until Ctrl-C. What is collected is durable page by page: an interrupted \
collection goes on where it stopped.

Examples:
  hubtrail collect acme --once               collect what is new, then end
  hubtrail collect acme --once --since 30d   walk the last 30 days again

Times: 2026-03-01, 2026-03-01T09:30:00Z, 30d or 2h (before now), now, or milliseconds since 1970.
Exit code 0: everything visible in the range is in the log. 1: the gap or the error is named.")]
pub struct Collect {
    /// The connector
    #[arg(value_name = "NAME")]
    pub connector: String,
    /// End when everything that is visible now is in the log
    #[arg(long)]
    pub once: bool,
    /// Walk again from this time instead of from the checkpoint
    #[arg(long, value_name = "TIME")]
    pub since: Option<Moment>,
    /// Walk only up to this time; needs --since
    #[arg(long, value_name = "TIME", requires = "since")]
    pub until: Option<Moment>,
}

impl Collect {
    /// # Errors
    /// When something visible in the range is not in the log.
    pub fn run(self, session: &Session) -> anyhow::Result<ExitCode> {
        let store = session.existing_store()?;
        let connector = store.connector(&self.connector)?;
        self.refuse_nonsense(&connector, session.clock.now())?;
        let role = format!("hubtrail collect {}", connector.name());
        let _only = RoleLock::take(&session.config.storage.data_dir, &role)?;
        let clock = session.clock;
        let (tell, told) = unbounded_channel();
        let scene = Scene { session, store: &store, tell };
        let kept = retention::keep(&store, &session.config.storage, clock, |retired, days| {
            output::say(format_args!("{} entries older than {days} days were taken out", retired.entries));
        });
        wait_for(async {
            let view = ProgressView::new(clock.now(), std::io::stderr().is_terminal());
            tokio::select! {
                done = self.work(&scene, connector, clock.now()) => done,
                () = show(told, view, clock) => pending().await,
                error = kept => Err(error.into()),
            }
        })?
    }

    /// What would end at once, as if all were well.
    fn refuse_nonsense(&self, connector: &Connector, now: UtcMs) -> Result<(), Failure> {
        if connector.settings.paused {
            let name = connector.name();
            let fix = format!("`hubtrail connector resume {name}` lets it collect again");
            return Err(Failure::new(format!("connector `{name}` is paused"), fix));
        }
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since.from_now(now) > until.from_now(now)
        {
            return Err(Failure::misuse("--until is before --since", "give the earlier time to --since"));
        }
        Ok(())
    }

    async fn work(&self, scene: &Scene<'_>, connector: Connector, now: UtcMs) -> anyhow::Result<ExitCode> {
        let until = self.until.map(|until| until.from_now(now));
        if let Some(since) = self.since {
            let collector = scene.collector(&connector)?;
            let work = collector.range(since.from_now(now), until);
            if !self.to_the_end(work, now).await? || self.once {
                return Ok(ExitCode::SUCCESS);
            }
        } else if self.once {
            self.to_the_end(scene.collector(&connector)?.once(), now).await?;
            return Ok(ExitCode::SUCCESS);
        }
        self.follow(scene, connector).await
    }

    /// Until the person has had enough, or another command takes the connector away. What is changed meanwhile,
    /// such as a token, is used at once.
    async fn follow(&self, scene: &Scene<'_>, mut connector: Connector) -> anyhow::Result<ExitCode> {
        loop {
            let collector = scene.collector(&connector)?;
            let changed = tokio::select! {
                done = Box::pin(collector.follow(ended())) => {
                    done.map_err(|error| said(&error))?;
                    output::say(format_args!("stopped; `hubtrail collect {}` goes on from here", self.connector));
                    return Ok(ExitCode::SUCCESS);
                }
                changed = scene.changed(&connector) => changed,
            };
            let name = connector.name().to_owned();
            connector = match changed {
                Some(changed) if !changed.settings.paused => changed,
                Some(_) => {
                    output::say(format_args!("stopped: `{name}` was paused"));
                    return Ok(ExitCode::SUCCESS);
                }
                None => {
                    output::say(format_args!("stopped: `{name}` was removed"));
                    return Ok(ExitCode::SUCCESS);
                }
            };
            output::say(format_args!("going on with what was changed of `{}`", connector.name()));
        }
    }

    /// Works until the end, or until the person has had enough, which is no success.
    async fn to_the_end(
        &self,
        work: impl Future<Output = Result<Vec<WalkReport>, CollectError>>,
        began: UtcMs,
    ) -> anyhow::Result<bool> {
        tokio::select! {
            reports = work => {
                let reports = reports.map_err(|error| said(&error))?;
                output::say(summary(&reports, Clock::system().now().since(began)));
                Ok(true)
            }
            () = ended() => {
                let resume = "run the same command again: it goes on from the last page stored";
                Err(Failure::new("interrupted before the end", resume).into())
            }
        }
    }
}

/// What a collection needs besides its connector.
struct Scene<'a> {
    session: &'a Session,
    store: &'a Store,
    tell: UnboundedSender<Tell>,
}

impl Scene<'_> {
    fn collector(&self, connector: &Connector) -> anyhow::Result<Collector> {
        let hubspot = self.session.hubspot(self.store, connector)?;
        let (store, tell) = (self.store.clone(), self.tell.clone());
        Ok(Collector::new(store, hubspot, connector.clone(), self.session.clock, tell))
    }

    /// Ready when somebody has changed the connector; none: when it was removed. A log that cannot be read is met by
    /// the collection itself.
    async fn changed(&self, connector: &Connector) -> Option<Connector> {
        let mut changes = None;
        loop {
            if changes.is_none() {
                changes = self.store.changes().ok();
            }
            if changes.as_mut().is_some_and(|changes| changes.any().unwrap_or(true)) {
                match self.store.connector_by_id(connector.id) {
                    Ok(now) if now.revision != connector.revision => return Some(now),
                    Err(StoreError::UnknownConnector { .. }) => return None,
                    _ => {}
                }
            }
            self.session.clock.pause(LOOK_EVERY_MS).await;
        }
    }
}

fn said(error: &CollectError) -> anyhow::Error {
    Failure::new(error.to_string(), error.fix()).into()
}

fn summary(reports: &[WalkReport], took_ms: i64) -> String {
    let sum = |of: fn(&WalkReport) -> u64| reports.iter().map(of).sum::<u64>();
    let (new, known, pages) = (sum(|r| r.new), sum(|r| r.duplicate), sum(|r| r.pages));
    let seconds = took_ms.max(1) as f64 / 1_000.0;
    let mut text =
        format!("{new} new events, {known} seen again, {pages} pages in {seconds:.1} s; nothing is missing");
    if let Some(held) = reports.iter().find_map(|report| report.withdrawn) {
        text.push_str(&format!(
            "\nnote: HubSpot no longer serves some of the entries we hold, the oldest of {held}; they stay in the log"
        ));
    }
    text
}

/// Shows what the collection tells, for as long as it runs.
async fn show(mut told: UnboundedReceiver<Tell>, mut view: ProgressView, clock: Clock) {
    let mut news = News::default();
    while let Some(tell) = told.recv().await {
        match tell {
            Tell::Page(progress) => view.show(&progress, clock.now()),
            Tell::Waiting { error, ms } if news.is_news(&error.to_string()) => {
                let wait = spoken(i64::try_from(ms).unwrap_or(i64::MAX));
                view.say(format_args!("waiting {wait}: {error}"));
            }
            Tell::Failed { message, fix } if news.is_news(&message) => {
                view.say(format_args!("error: {message}\nfix: {fix}"));
            }
            Tell::Waiting { .. } | Tell::Failed { .. } => {}
            Tell::Note(note) => view.say(format_args!("note: {note}")),
            Tell::Walked(report) => {
                news.over();
                if let Some(held) = report.withdrawn {
                    view.say(format_args!("note: HubSpot no longer serves entries of {held} that we hold"));
                }
            }
        }
    }
    view.finish();
}
