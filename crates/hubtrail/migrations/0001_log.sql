-- Every key an account has ever had. A key is part of every event id, so it is never used twice.
CREATE TABLE account (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE connector (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  name             TEXT NOT NULL COLLATE NOCASE,
  account          TEXT NOT NULL UNIQUE REFERENCES account (key),
  base_url         TEXT NOT NULL,
  api_version      TEXT NOT NULL,
  start            TEXT NOT NULL,
  poll_interval_ms INTEGER NOT NULL,
  rate_limit       TEXT NOT NULL,
  page_size        INTEGER NOT NULL,
  paused           INTEGER NOT NULL,
  sealed_token     BLOB NOT NULL,
  created_at       INTEGER NOT NULL,
  portal_id        INTEGER,
  time_zone        TEXT,
  removed          INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX connector_by_name ON connector (name) WHERE removed = 0;

-- One stream of one connector: its checkpoint, and facts that a screen must not have to count.
CREATE TABLE stream (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  connector   INTEGER NOT NULL REFERENCES connector (id),
  code        INTEGER NOT NULL,
  checkpoint  TEXT NOT NULL DEFAULT '{}',
  entries     INTEGER NOT NULL DEFAULT 0,
  unparsed    INTEGER NOT NULL DEFAULT 0,
  future      INTEGER NOT NULL DEFAULT 0,
  newest      INTEGER,
  appended_at INTEGER,
  UNIQUE (connector, code)
) STRICT;

-- Strings that repeat, stored once per stream. An entry refers to the names as they were when it was seen.
CREATE TABLE kind (
  id          INTEGER PRIMARY KEY,
  stream      INTEGER NOT NULL REFERENCES stream (id),
  event_type  TEXT NOT NULL,
  object_type TEXT NOT NULL,
  UNIQUE (stream, event_type, object_type)
) STRICT;

CREATE TABLE person (
  id        INTEGER PRIMARY KEY,
  stream    INTEGER NOT NULL REFERENCES stream (id),
  user_id   TEXT NOT NULL,
  full_name TEXT NOT NULL,
  UNIQUE (stream, user_id, full_name)
) STRICT;

CREATE TABLE object (
  id          INTEGER PRIMARY KEY,
  stream      INTEGER NOT NULL REFERENCES stream (id),
  object_id   TEXT NOT NULL,
  object_name TEXT NOT NULL,
  UNIQUE (stream, object_id, object_name)
) STRICT;

CREATE VIRTUAL TABLE person_text USING fts5 (full_name, content = 'person', content_rowid = 'id', tokenize = 'trigram');
CREATE TRIGGER person_added AFTER INSERT ON person BEGIN
  INSERT INTO person_text (rowid, full_name) VALUES (new.id, new.full_name);
END;
CREATE TRIGGER person_removed AFTER DELETE ON person BEGIN
  INSERT INTO person_text (person_text, rowid, full_name) VALUES ('delete', old.id, old.full_name);
END;

CREATE VIRTUAL TABLE object_text USING fts5 (object_name, content = 'object', content_rowid = 'id', tokenize = 'trigram');
CREATE TRIGGER object_added AFTER INSERT ON object BEGIN
  INSERT INTO object_text (rowid, object_name) VALUES (new.id, new.object_name);
END;
CREATE TRIGGER object_removed AFTER DELETE ON object BEGIN
  INSERT INTO object_text (object_text, rowid, object_name) VALUES ('delete', old.id, old.object_name);
END;

-- The log. `raw` is the record byte for byte and comes last, so that a scan does not have to read it.
-- `kind`, `person` and `object` are null when the record could not be read; `unparsed` then says why.
CREATE TABLE entry (
  position  INTEGER PRIMARY KEY,
  stream    INTEGER NOT NULL REFERENCES stream (id),
  timestamp INTEGER NOT NULL,
  kind      INTEGER REFERENCES kind (id),
  person    INTEGER REFERENCES person (id),
  object    INTEGER REFERENCES object (id),
  future    INTEGER NOT NULL,
  seen_at   INTEGER NOT NULL,
  unparsed  TEXT,
  event_id  BLOB NOT NULL,
  leaf      BLOB NOT NULL,
  raw       TEXT NOT NULL
) STRICT;
-- An event is in the log once. Its id is a digest of its time among others, so the pair is unique when the id
-- is; with the time in front, an append touches the end of the index instead of any page of it. The time of a
-- record that could not be read is that of a neighbour and may differ the next time: there the id stands alone.
CREATE UNIQUE INDEX entry_once ON entry (timestamp, event_id);
CREATE UNIQUE INDEX entry_unparsed_once ON entry (event_id) WHERE unparsed IS NOT NULL;
-- SQLite appends the position to every index, so each of these is ordered by (timestamp, position).
CREATE INDEX entry_by_stream ON entry (stream, timestamp);
CREATE INDEX entry_by_kind ON entry (kind, timestamp);
CREATE INDEX entry_by_person ON entry (person, timestamp);
CREATE INDEX entry_by_object ON entry (object, timestamp);
CREATE TRIGGER entry_is_immutable BEFORE UPDATE ON entry BEGIN
  SELECT raise(ABORT, 'an entry is immutable');
END;

-- Entries per hour. Kind 0 stands for records that could not be read.
CREATE TABLE rollup (
  stream  INTEGER NOT NULL REFERENCES stream (id),
  hour    INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (stream, hour, kind)
) STRICT, WITHOUT ROWID;

-- The position of the newest entry ever appended; it outlives the entry, so that no position is used twice.
CREATE TABLE log (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  head INTEGER NOT NULL
) STRICT;
INSERT INTO log VALUES (1, 0);

CREATE TABLE reader (
  name     TEXT PRIMARY KEY,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER position_never_goes_back BEFORE UPDATE ON reader WHEN new.position < old.position BEGIN
  SELECT raise(ABORT, 'a position never goes back');
END;

CREATE TABLE gap (
  id          INTEGER PRIMARY KEY,
  stream      INTEGER NOT NULL REFERENCES stream (id),
  from_ms     INTEGER NOT NULL,
  to_ms       INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  found_at    INTEGER NOT NULL,
  resolved_at INTEGER
) STRICT;
CREATE UNIQUE INDEX gap_open ON gap (stream, from_ms, to_ms) WHERE resolved_at IS NULL;
CREATE INDEX gap_by_stream ON gap (stream, from_ms);

CREATE TABLE verification (
  id       INTEGER PRIMARY KEY,
  stream   INTEGER NOT NULL REFERENCES stream (id),
  from_ms  INTEGER,
  to_ms    INTEGER,
  began    INTEGER NOT NULL,
  ended    INTEGER NOT NULL,
  compared INTEGER NOT NULL,
  missing  INTEGER NOT NULL,
  surplus  INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  note     TEXT NOT NULL
) STRICT;
CREATE INDEX verification_by_stream ON verification (stream);

-- What stands in the way of a stream now; no row when all is well.
CREATE TABLE failure (
  stream  INTEGER PRIMARY KEY REFERENCES stream (id),
  kind    TEXT NOT NULL,
  message TEXT NOT NULL,
  fix     TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT;

-- What was used of today's share of an account's calls, as JSON, so that a restart does not forget it.
CREATE TABLE calls (
  connector INTEGER PRIMARY KEY REFERENCES connector (id),
  spent     TEXT NOT NULL
) STRICT;

CREATE TABLE walk (
  id         INTEGER PRIMARY KEY,
  stream     INTEGER NOT NULL REFERENCES stream (id),
  kind       TEXT NOT NULL,
  from_ms    INTEGER,
  to_ms      INTEGER,
  began      INTEGER NOT NULL,
  ended      INTEGER NOT NULL,
  pages      INTEGER NOT NULL,
  new        INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  outcome    TEXT NOT NULL
) STRICT;
CREATE INDEX walk_by_stream ON walk (stream);
