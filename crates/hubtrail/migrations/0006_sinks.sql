-- Where entries are forwarded to. `settings` is JSON and holds no secret; what opens the receiver is sealed.
CREATE TABLE sink (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  name         TEXT NOT NULL COLLATE NOCASE UNIQUE,
  settings     TEXT NOT NULL,
  sealed       BLOB,
  paused       INTEGER NOT NULL,
  declared_in  TEXT,
  created_at   INTEGER NOT NULL,
  -- The reader that keeps its position. A position never goes back: a replay begins with another reader.
  reader       TEXT NOT NULL UNIQUE,
  -- A start or a replay from a time: up to the position, only what is not older than the time.
  since        INTEGER,
  since_until  INTEGER,
  -- Raised by every change, so that a running delivery notices, and two editors do not overwrite each other.
  revision     INTEGER NOT NULL DEFAULT 1
) STRICT;

-- How its delivery goes. Written in the transaction that moves the position, and when something stands in the way.
CREATE TABLE delivery (
  sink          INTEGER PRIMARY KEY REFERENCES sink (id) ON DELETE CASCADE,
  entries       INTEGER NOT NULL DEFAULT 0,
  bytes         INTEGER NOT NULL DEFAULT 0,
  succeeded_at  INTEGER,
  -- Entries of the minute that is counted, and of the one before it.
  minute        INTEGER NOT NULL DEFAULT 0,
  in_minute     INTEGER NOT NULL DEFAULT 0,
  in_last       INTEGER NOT NULL DEFAULT 0,
  -- What went wrong last; it stands in the way as long as `failing_since` is there.
  failure       TEXT,
  fix           TEXT,
  failed_at     INTEGER,
  failing_since INTEGER,
  -- 1: a person must change something, and nothing is sent until then.
  stopped       INTEGER NOT NULL DEFAULT 0,
  retry_at      INTEGER
) STRICT;

-- Entries that a receiver refuses for good.
CREATE TABLE dead_letter (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  sink       INTEGER NOT NULL REFERENCES sink (id) ON DELETE CASCADE,
  position   INTEGER NOT NULL,
  event_id   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  refused_at INTEGER NOT NULL,
  attempts   INTEGER NOT NULL DEFAULT 1,
  -- 1: somebody asked for it to be delivered once more.
  again      INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sink, position)
) STRICT;
CREATE INDEX dead_letter_by_position ON dead_letter (position);
CREATE INDEX dead_letter_again ON dead_letter (sink) WHERE again = 1;
