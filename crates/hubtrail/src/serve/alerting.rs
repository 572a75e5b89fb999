//! Telling people: what the reader of the log has found for them, what the status says is wrong, and digests; gathered
//! in the log first, then told by each channel at its pace. A channel that fails waits, and holds no other up.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::future::join_all;
use hubtrail_core::backoff::Backoff;
use hubtrail_core::time::UtcMs;
use tokio::time::sleep;

use super::Stop;
use crate::connector::ConnectorId;
use crate::forward;
use crate::http::App;
use crate::notify::{self, Channel, ChannelId, Letter, Thread, Trouble};
use crate::sink::SinkError;
use crate::status;
use crate::store::{ALERTS, DueMessage, Note, Store, StoreError};

const LOOK_EVERY: Duration = Duration::from_millis(1_000);
/// Pages are commits as well.
const LOOK_AT_MOST_EVERY: Duration = Duration::from_millis(200);
const BATCH: usize = 500;
const STATUS_EVERY_MS: i64 = 15_000;
/// What is over before that was nothing to call anybody for.
const STANDS_MS: i64 = 30_000;
const HOUR_MS: i64 = 3_600_000;
const KEPT_MS: i64 = 90 * 24 * HOUR_MS;
/// A channel that waits for a person is tried again seldom.
const STOPPED_MS: i64 = 600_000;
const FAILED: Backoff = match Backoff::new(2_000, 300_000) {
    Ok(backoff) => backoff,
    Err(_) => panic!("checked when compiling"),
};

pub(super) async fn alert(app: App, mut stop: Stop) {
    let mut commits = app.store.subscribe();
    let mut alerter = Alerter { app, since: HashMap::new(), looked_at: UtcMs::EPOCH };
    let mut unreadable = false;
    loop {
        let woken = async {
            match alerter.step().await {
                Ok(()) => unreadable = false,
                Err(error) if !unreadable => {
                    unreadable = true;
                    tracing::error!("alerts cannot be made, and this is tried again: {error}");
                }
                Err(_) => {}
            }
            tokio::select! {
                _ = commits.changed() => sleep(LOOK_AT_MOST_EVERY).await,
                () = sleep(LOOK_EVERY) => {}
            }
        };
        tokio::select! {
            () = woken => {}
            // What was sent and not yet noted is told again.
            () = stop.ready() => break,
        }
    }
}

struct Alerter {
    app: App,
    /// Since when each trouble stands, as far as this process has seen it.
    since: HashMap<(String, String), UtcMs>,
    looked_at: UtcMs,
}

impl Alerter {
    async fn step(&mut self) -> Result<(), StoreError> {
        let (store, now) = (self.app.store.clone(), self.app.clock.now());
        let channels = blocking(&store, Store::channels).await?;
        if channels.is_empty() {
            return Ok(());
        }
        let gathered = channels.clone();
        blocking(&store, move |store| gather(store, &gathered, now)).await?;
        if now.since(self.looked_at) >= STATUS_EVERY_MS {
            self.look_at_status(&channels, now).await?;
            self.looked_at = now;
            let (digests, old) = (channels.clone(), now.minus(KEPT_MS));
            blocking(&store, move |store| {
                store.forget_messages(old)?;
                notify::make_digests(store, &digests, now)
            })
            .await?;
        }
        self.tell(&channels, now).await
    }

    async fn look_at_status(&mut self, channels: &[Channel], now: UtcMs) -> Result<(), StoreError> {
        let found = blocking(&self.app.store, move |store| {
            let accounts = status::all(store, now, None)?;
            Ok(notify::troubles(&accounts, &forward::all(store, now)?, now))
        });
        let found = found.await?;
        let key = |trouble: &Trouble| (trouble.thread.key(), trouble.item.key.clone());
        self.since.retain(|known, _| found.iter().any(|trouble| key(trouble) == *known));
        for trouble in &found {
            self.since.entry(key(trouble)).or_insert(now);
        }
        let long =
            |trouble: &&Trouble| self.since.get(&key(trouble)).is_some_and(|at| now.since(*at) >= STANDS_MS);
        let standing: Vec<Trouble> = found.iter().filter(long).cloned().collect();
        let channels = channels.to_vec();
        blocking(&self.app.store, move |store| {
            let mut notes = Vec::new();
            for channel in &channels {
                notes.extend(notes_of_trouble(store, channel, &standing, &found)?);
            }
            store.note_alerts(notes, None, now)
        })
        .await
    }

    async fn tell(&self, channels: &[Channel], now: UtcMs) -> Result<(), StoreError> {
        let mut due: BTreeMap<ChannelId, Vec<DueMessage>> = BTreeMap::new();
        for message in self.app.store.due_messages(now)? {
            due.entry(message.channel).or_default().push(message);
        }
        let told = due.into_iter().filter_map(|(id, messages)| {
            let channel = channels.iter().find(|channel| channel.id == id)?;
            Some(self.tell_channel(channel, messages))
        });
        join_all(told).await.into_iter().collect()
    }

    /// New ones as far as there is room; the rest of them becomes one.
    async fn tell_channel(&self, channel: &Channel, messages: Vec<DueMessage>) -> Result<(), StoreError> {
        let mut held = Vec::new();
        for message in messages {
            let now = self.app.clock.now();
            if message.is_new && !message.critical {
                let sent = self.app.store.told_since(channel.id, now.minus(HOUR_MS))?;
                if channel.settings.pace.room(&sent, now) > now {
                    held.push(message);
                    continue;
                }
            }
            if !self.tell_one(channel, &message).await? {
                return Ok(());
            }
        }
        if held.is_empty() {
            return Ok(());
        }
        let now = self.app.clock.now();
        let sent = self.app.store.told_since(channel.id, now.minus(HOUR_MS))?;
        self.app.store.hold_messages(held, channel.settings.pace.room(&sent, now))
    }

    /// Whether the channel takes more.
    async fn tell_one(&self, channel: &Channel, message: &DueMessage) -> Result<bool, StoreError> {
        let mut letter = Letter {
            message: message.id,
            version: message.version,
            story: message.story.clone(),
            console: self.app.config.server.console(),
            handle: message.handle.clone(),
        };
        let mut sent = self.send(channel, &letter).await;
        if matches!(sent, Err(SinkError::Together(_))) && letter.handle.is_some() {
            // What was to be updated is gone.
            letter.handle = None;
            sent = self.send(channel, &letter).await;
        }
        let now = self.app.clock.now();
        match sent {
            Ok(handle) => {
                self.app.store.message_told(message, handle, now)?;
                Ok(true)
            }
            // It is this message that is refused, and others need not wait for it.
            Err(SinkError::Together(reason)) => {
                tracing::error!(channel = channel.name(), "a message is refused for good: {reason}");
                self.app.store.message_told(message, None, now)?;
                Ok(true)
            }
            Err(error) => self.failed(channel, &error, now).map(|()| false),
        }
    }

    async fn send(&self, channel: &Channel, letter: &Letter) -> Result<Option<String>, SinkError> {
        let secret = channel.secret(&self.app.keyring).map_err(|error| {
            SinkError::misconfigured(error.to_string(), "restore the key, or add the channel again")
        })?;
        let network = &self.app.config.network;
        notify::deliver(&channel.settings, secret.as_ref(), letter, network, self.app.clock).await
    }

    fn failed(&self, channel: &Channel, error: &SinkError, now: UtcMs) -> Result<(), StoreError> {
        let delay = FAILED.delay_ms(channel.attempts, rand::random());
        let delay = i64::try_from(delay).unwrap_or(STOPPED_MS);
        let (wait_ms, fix) = match error {
            SinkError::Misconfigured { fix, .. } => (STOPPED_MS, Some(fix.clone())),
            SinkError::Retry { after: Some(after), .. } => {
                (delay.max(i64::try_from(after.as_millis()).unwrap_or(STOPPED_MS)), None)
            }
            _ => (delay, None),
        };
        let reason = error.to_string();
        if channel.failure.as_ref() != Some(&reason) {
            match &fix {
                Some(fix) => {
                    tracing::error!(channel = channel.name(), fix, "alerts do not get through: {reason}")
                }
                None => tracing::warn!(channel = channel.name(), "alerts wait: {reason}"),
            }
        }
        self.app.store.channel_failed(channel.id, reason, fix, now, now.plus(wait_ms))
    }
}

async fn blocking<T: Send + 'static>(
    store: &Store,
    work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let store = store.clone();
    tokio::task::spawn_blocking(move || work(&store)).await.unwrap_or(Err(StoreError::Stopped))
}

/// Findings since the reader's position, as messages.
fn gather(store: &Store, channels: &[Channel], now: UtcMs) -> Result<(), StoreError> {
    let Some(mut position) = store.reader_position(ALERTS)? else { return Ok(()) };
    let head = store.head()?;
    if position >= head {
        return Ok(());
    }
    let names: HashMap<ConnectorId, String> = store
        .connectors_ever()?
        .into_iter()
        .map(|connector| (connector.id, connector.settings.name))
        .collect();
    while position < head {
        let stretch = store.findings_after(position, BATCH)?;
        let mut notes = Vec::new();
        for entry in &stretch.entries {
            let account = names.get(&entry.connector).map_or("", String::as_str);
            notes.extend(notify::finding_notes(entry, channels, account, now));
        }
        position = stretch.up_to;
        store.note_alerts(notes, Some(position), now)?;
    }
    Ok(())
}

/// What stands and is new to the channel, and what it was told of that is over.
fn notes_of_trouble(
    store: &Store,
    channel: &Channel,
    standing: &[Trouble],
    found: &[Trouble],
) -> Result<Vec<Note>, StoreError> {
    let route = &channel.settings.route;
    let wanted = |trouble: &Trouble| {
        route.trouble
            && trouble.connector.map_or(route.accounts.is_empty(), |connector| route.concerns(connector))
    };
    let note = |thread: &Thread, about: &str, item| Note {
        channel: channel.id,
        thread: thread.clone(),
        about: about.to_owned(),
        who: String::new(),
        item,
    };
    let mut notes = Vec::new();
    for trouble in standing.iter().filter(|trouble| wanted(trouble)) {
        let known = store.standing_items(channel.id, &trouble.thread)?;
        // What only says the same in other figures is no news.
        let told =
            known.iter().any(|item| item.key == trouble.item.key && item.severity == trouble.item.severity);
        if !told {
            notes.push(note(&trouble.thread, &trouble.about, trouble.item.clone()));
        }
    }
    for (thread, about) in store.trouble_threads(channel.id)? {
        for item in store.standing_items(channel.id, &thread)? {
            let stands = found.iter().any(|trouble| trouble.thread == thread && trouble.item.key == item.key);
            if !stands {
                notes.push(note(
                    &thread,
                    &about,
                    notify::Item { over: Some("it is well again".to_owned()), ..item },
                ));
            }
        }
    }
    Ok(notes)
}
