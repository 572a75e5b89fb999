-- Ways to people. `settings` is JSON and holds no secret; what opens the service is sealed.
CREATE TABLE alert_channel (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  name         TEXT NOT NULL COLLATE NOCASE UNIQUE,
  settings     TEXT NOT NULL,
  sealed       BLOB,
  paused       INTEGER NOT NULL DEFAULT 0,
  created_at   INTEGER NOT NULL,
  succeeded_at INTEGER,
  -- What stands in the way; nothing is sent before `retry_at`.
  failure      TEXT,
  fix          TEXT,
  failed_at    INTEGER,
  retry_at     INTEGER,
  attempts     INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a channel has to tell, one row for what belongs together. Written in the transaction that moves the reader, so
-- that nothing is missed; sent when `due_at` has come, as often as its version is newer than what was told.
CREATE TABLE alert_message (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  channel       INTEGER NOT NULL REFERENCES alert_channel (id) ON DELETE CASCADE,
  thread        TEXT NOT NULL,
  story         TEXT NOT NULL,
  version       INTEGER NOT NULL DEFAULT 1,
  told          INTEGER NOT NULL DEFAULT 0,
  -- 1: what comes next of this thread is another message.
  closed        INTEGER NOT NULL DEFAULT 0,
  critical      INTEGER NOT NULL,
  changed_at    INTEGER NOT NULL,
  told_at       INTEGER,
  first_told_at INTEGER,
  due_at        INTEGER,
  -- What the service calls the message, so that it can be updated.
  handle        TEXT
) STRICT;
CREATE UNIQUE INDEX alert_message_open ON alert_message (channel, thread) WHERE closed = 0;
CREATE INDEX alert_message_due ON alert_message (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_message_told ON alert_message (channel, first_told_at);
