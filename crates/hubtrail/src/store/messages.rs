//! What there is to tell: gathered in the transaction that moves the reader, and told when it is due.

use hubtrail_core::finding::Severity;
use hubtrail_core::time::UtcMs;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Position, Store, StoreError, channels};
use crate::notify::{Channel, ChannelId, Item, News, OVER_AFTER_MS, Story, Thread};

/// An item for a channel.
#[derive(Clone, Debug)]
pub struct Note {
    pub channel: ChannelId,
    pub thread: Thread,
    pub about: String,
    pub who: String,
    pub item: Item,
}

/// A message that has something new to tell.
#[derive(Clone, Debug)]
pub struct DueMessage {
    pub id: i64,
    pub channel: ChannelId,
    pub version: i64,
    pub story: Story,
    pub critical: bool,
    pub handle: Option<String>,
    /// It was never told.
    pub is_new: bool,
}

struct Open {
    id: i64,
    story: Story,
    version: i64,
    changed_at: UtcMs,
    told_at: Option<UtcMs>,
    due_at: Option<UtcMs>,
}

impl Store {
    /// Takes note of what became of things, and that the reader has seen everything up to here.
    ///
    /// # Errors
    /// When nothing of it was stored.
    pub fn note_alerts(
        &self,
        notes: Vec<Note>,
        up_to: Option<Position>,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            let channels = channels::all(conn)?;
            for note in notes {
                // It may have been removed meanwhile.
                if let Some(channel) = channels.iter().find(|channel| channel.id == note.channel) {
                    take(conn, channel, note, now)?;
                }
            }
            up_to.map_or(Ok(()), |up_to| channels::move_reader(conn, up_to))
        })
    }

    /// What is due of channels that nothing stands in the way of, the oldest first.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn due_messages(&self, now: UtcMs) -> Result<Vec<DueMessage>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT m.id, m.channel, m.version, m.story, m.critical, m.handle, m.told FROM alert_message m \
                 JOIN alert_channel c ON c.id = m.channel WHERE m.due_at <= ?1 AND c.paused = 0 \
                 AND (c.retry_at IS NULL OR c.retry_at <= ?1) ORDER BY m.due_at, m.id";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([now.0])?;
            let mut due = Vec::new();
            while let Some(row) = rows.next()? {
                due.push(DueMessage {
                    id: row.get(0)?,
                    channel: ChannelId(row.get(1)?),
                    version: row.get(2)?,
                    story: story(&row.get::<_, String>(3)?)?,
                    critical: row.get(4)?,
                    handle: row.get(5)?,
                    is_new: row.get::<_, i64>(6)? == 0,
                });
            }
            Ok(due)
        })
    }

    /// When new messages were told over a channel since then, oldest first. What was critical does not count.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn told_since(&self, channel: ChannelId, since: UtcMs) -> Result<Vec<UtcMs>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT first_told_at FROM alert_message WHERE channel = ?1 AND first_told_at > ?2 \
                       AND critical = 0 ORDER BY first_told_at";
            let mut statement = conn.prepare_cached(sql)?;
            let times = statement.query_map(params![channel.0, since.0], |row| Ok(UtcMs(row.get(0)?)))?;
            Ok(times.collect::<Result<_, _>>()?)
        })
    }

    /// A version was told. What has come meanwhile stays due.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn message_told(
        &self,
        message: &DueMessage,
        handle: Option<String>,
        now: UtcMs,
    ) -> Result<(), StoreError> {
        let (id, version, channel) = (message.id, message.version, message.channel);
        let over = message.story.is_over();
        self.write(move |writer| {
            let conn = &writer.conn;
            let sql = "UPDATE alert_message SET told = ?2, told_at = ?3, first_told_at = coalesce(first_told_at, ?3), \
                 handle = coalesce(?4, handle), due_at = CASE WHEN version = ?2 THEN NULL ELSE due_at END, \
                 closed = CASE WHEN version = ?2 AND ?5 THEN 1 ELSE closed END WHERE id = ?1";
            conn.prepare_cached(sql)?.execute(params![id, version, now.0, handle, over])?;
            channels::succeeded(conn, channel, now)
        })
    }

    /// New messages beyond what a channel takes an hour become one, which is due when there is room.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn hold_messages(&self, held: Vec<DueMessage>, until: UtcMs) -> Result<(), StoreError> {
        self.write(move |writer| {
            let conn = &writer.conn;
            let mut held = held.into_iter();
            let Some(mut first) = held.next() else { return Ok(()) };
            for message in held {
                if first.story.about != message.story.about {
                    first.story.about = "several accounts".to_owned();
                }
                first.story.who = String::new();
                first.story.more += message.story.more;
                for item in message.story.items {
                    first.story.take(item);
                }
                conn.prepare_cached("DELETE FROM alert_message WHERE id = ?1")?.execute([message.id])?;
            }
            let sql = "UPDATE alert_message SET story = ?2, due_at = ?3, version = version + 1 WHERE id = ?1";
            conn.prepare_cached(sql)?.execute(params![first.id, text(&first.story)?, until.0])?;
            Ok(())
        })
    }

    /// Messages that ended longer ago than this are forgotten.
    ///
    /// # Errors
    /// When it could not be stored.
    pub fn forget_messages(&self, before: UtcMs) -> Result<(), StoreError> {
        self.write(move |writer| {
            let sql = "DELETE FROM alert_message WHERE due_at IS NULL AND changed_at < ?1";
            writer.conn.prepare_cached(sql)?.execute([before.0])?;
            Ok(())
        })
    }

    /// Whether a digest of that moment was made already.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn has_message(&self, channel: ChannelId, thread: &Thread) -> Result<bool, StoreError> {
        self.read(|conn| {
            let sql = "SELECT EXISTS (SELECT 1 FROM alert_message WHERE channel = ?1 AND thread = ?2)";
            Ok(conn.prepare_cached(sql)?.query_row(params![channel.0, thread.key()], |row| row.get(0))?)
        })
    }

    /// Threads of trouble that a channel was told of, or will be, and what each is about.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn trouble_threads(&self, channel: ChannelId) -> Result<Vec<(Thread, String)>, StoreError> {
        self.read(|conn| {
            let sql = "SELECT thread, story FROM alert_message WHERE channel = ?1 AND closed = 0 \
                       AND (thread LIKE 'collection %' OR thread LIKE 'forwarding %')";
            let mut statement = conn.prepare_cached(sql)?;
            let mut rows = statement.query([channel.0])?;
            let mut threads = Vec::new();
            while let Some(row) = rows.next()? {
                let about = story(&row.get::<_, String>(1)?)?.about;
                threads.extend(Thread::of_trouble(&row.get::<_, String>(0)?).map(|thread| (thread, about)));
            }
            Ok(threads)
        })
    }

    /// The keys of what stands in a thread, so that what is no longer wrong can be told as over.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn standing_items(&self, channel: ChannelId, thread: &Thread) -> Result<Vec<Item>, StoreError> {
        self.read(|conn| {
            let open = open(conn, channel, thread)?;
            let items = open.into_iter().flat_map(|open| open.story.items);
            Ok(items.filter(|item| item.over.is_none()).collect())
        })
    }
}

fn take(conn: &Connection, channel: &Channel, note: Note, now: UtcMs) -> Result<(), StoreError> {
    let mut known = open(conn, channel.id, &note.thread)?;
    let expired = known
        .as_ref()
        .is_some_and(|open| now.since(open.changed_at) > OVER_AFTER_MS && open.due_at.is_none());
    if expired
        && let Some(open) =
            known.take_if(|open| open.story.items.iter().all(|item| item.key != note.item.key))
    {
        conn.prepare_cached("UPDATE alert_message SET closed = 1 WHERE id = ?1")?.execute([open.id])?;
    }
    let (mut story, told_at, due_before) = match &known {
        Some(open) => (open.story.clone(), open.told_at, open.due_at),
        None => (Story::new(note.about, note.who), None, None),
    };
    let news = story.take(note.item);
    if news == News::Nothing {
        return Ok(());
    }
    let severity = story.severity();
    let due = channel.settings.pace.due(news, severity, told_at, now);
    let due = due_before.map_or(due, |before| before.min(due));
    let critical = severity == Severity::Critical;
    match known {
        // What is over before anybody was told of it is not told.
        Some(open) if story.is_over() && open.told_at.is_none() => {
            conn.prepare_cached("DELETE FROM alert_message WHERE id = ?1")?.execute([open.id])?;
        }
        Some(open) => {
            let sql = "UPDATE alert_message SET story = ?2, version = ?3, critical = ?4, changed_at = ?5, due_at = ?6 \
                       WHERE id = ?1";
            let row = params![open.id, text(&story)?, open.version + 1, critical, now.0, due.0];
            conn.prepare_cached(sql)?.execute(row)?;
        }
        None => {
            let sql = "INSERT INTO alert_message (channel, thread, story, critical, changed_at, due_at) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            let row = params![channel.id.0, note.thread.key(), text(&story)?, critical, now.0, due.0];
            conn.prepare_cached(sql)?.execute(row)?;
        }
    }
    Ok(())
}

fn open(conn: &Connection, channel: ChannelId, thread: &Thread) -> Result<Option<Open>, StoreError> {
    let sql = "SELECT id, story, version, changed_at, told_at, due_at FROM alert_message \
               WHERE channel = ?1 AND thread = ?2 AND closed = 0";
    let mut statement = conn.prepare_cached(sql)?;
    let row = statement.query_row(params![channel.0, thread.key()], |row| {
        let times: (i64, Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?, row.get(5)?);
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?, times))
    });
    let Some((id, text, version, (changed_at, told_at, due_at))) = row.optional()? else { return Ok(None) };
    let (changed_at, told_at, due_at) = (UtcMs(changed_at), told_at.map(UtcMs), due_at.map(UtcMs));
    Ok(Some(Open { id, story: story(&text)?, version, changed_at, told_at, due_at }))
}

fn story(text: &str) -> Result<Story, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::unreadable("an alert", error))
}

fn text(story: &Story) -> Result<String, StoreError> {
    serde_json::to_string(story).map_err(|error| StoreError::unwritable("an alert", error))
}
