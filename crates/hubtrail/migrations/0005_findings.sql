-- Findings are entries of the log: their positions come from the same counter as those of events, so that a reader
-- has one position for both.

-- What became of a finding: it was raised, has grown, was judged, … `content` is JSON, and `leaf` its RFC 6962 leaf hash.
CREATE TABLE finding_entry (
  position  INTEGER PRIMARY KEY,
  connector INTEGER NOT NULL REFERENCES connector (id),
  finding   BLOB NOT NULL,
  at        INTEGER NOT NULL,
  leaf      BLOB NOT NULL,
  content   TEXT NOT NULL
) STRICT;
CREATE INDEX finding_entry_by_finding ON finding_entry (finding);
CREATE TRIGGER finding_entry_is_immutable BEFORE UPDATE ON finding_entry BEGIN
  SELECT raise(ABORT, 'an entry is immutable');
END;

-- The events that justify a finding, with copies of their records: what is proved stays proved when the log's own
-- entries are past their retention. `since` is the finding's entry that brought the event.
CREATE TABLE evidence (
  finding   BLOB NOT NULL,
  timestamp INTEGER NOT NULL,
  event_id  BLOB NOT NULL,
  since     INTEGER NOT NULL,
  position  INTEGER NOT NULL,
  raw       TEXT NOT NULL,
  UNIQUE (finding, timestamp, event_id)
) STRICT;
-- Which findings an event is evidence of.
CREATE INDEX evidence_by_event ON evidence (timestamp, event_id);
CREATE TRIGGER evidence_is_immutable BEFORE UPDATE ON evidence BEGIN
  SELECT raise(ABORT, 'evidence is immutable');
END;

-- How each finding is now; follows from its entries. `raised` is the position of its first entry, `told` of the one
-- with its newest version, `changed` of its newest one of any kind.
CREATE TABLE finding (
  raised      INTEGER PRIMARY KEY,
  id          BLOB NOT NULL UNIQUE,
  connector   INTEGER NOT NULL REFERENCES connector (id),
  rule        TEXT NOT NULL,
  severity    INTEGER NOT NULL,
  watch       INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  time        INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  events      INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  told        INTEGER NOT NULL,
  changed     INTEGER NOT NULL,
  changed_at  INTEGER NOT NULL,
  status      TEXT NOT NULL,
  -- The version that was there when it was last judged.
  judged      INTEGER,
  owner       TEXT,
  -- The exception that covers it.
  exception   INTEGER,
  -- The finding that it turned out to be part of.
  absorbed_by BLOB
) STRICT;
-- SQLite appends `raised` to every index, so each of these is ordered by (time, raised).
CREATE INDEX finding_by_time ON finding (time);
CREATE INDEX finding_by_connector ON finding (connector, time);
CREATE INDEX finding_by_status ON finding (status, time);
CREATE INDEX finding_by_rule ON finding (rule, time);
CREATE INDEX finding_by_actor ON finding (actor, time);
CREATE INDEX finding_by_end ON finding (last_seen);
CREATE INDEX finding_standing ON finding (connector, status, severity, watch, exception, absorbed_by);

-- What is known to be innocent, until when, and why: it hides findings from the queue, and loses none.
CREATE TABLE exception_entry (
  position  INTEGER PRIMARY KEY,
  exception INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  leaf      BLOB NOT NULL,
  content   TEXT NOT NULL
) STRICT;
CREATE INDEX exception_entry_by_exception ON exception_entry (exception);
CREATE TRIGGER exception_entry_is_immutable BEFORE UPDATE ON exception_entry BEGIN
  SELECT raise(ABORT, 'an entry is immutable');
END;

-- As it is now. `id` is the position of its first entry. Null means any.
CREATE TABLE exception (
  id          INTEGER PRIMARY KEY,
  connector   INTEGER REFERENCES connector (id),
  rule        TEXT,
  person      TEXT,
  object      TEXT,
  from_ms     INTEGER NOT NULL,
  to_ms       INTEGER NOT NULL,
  maintenance INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  created_by  TEXT NOT NULL,
  ended_at    INTEGER,
  ended_by    TEXT,
  -- Findings that it has hidden.
  hidden      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX exception_in_force ON exception (to_ms) WHERE ended_at IS NULL;

-- What detection remembers of each account beside its rules' windows, which are read again from the log.
CREATE TABLE detection (
  connector INTEGER PRIMARY KEY REFERENCES connector (id),
  -- The newest time of an event that was looked at, of those not dated in the future.
  now       INTEGER,
  -- From when on history has come in that the running windows have not seen yet.
  unjoined  INTEGER,
  late      INTEGER NOT NULL DEFAULT 0,
  crowded   INTEGER NOT NULL DEFAULT 0,
  -- What was learnt of the account as of its last closed day.
  snapshot  BLOB
) STRICT;

-- Rules that people switched on or off, over what the files say.
CREATE TABLE rule_setting (
  rule    TEXT PRIMARY KEY,
  enabled INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  by      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The operator's own rule files as they were when all of them were last understood, and what is not understood of
-- what is there now.
CREATE TABLE rule_file (
  file TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rule_problem (
  id       INTEGER PRIMARY KEY,
  file     TEXT NOT NULL,
  line     INTEGER NOT NULL,
  column   INTEGER NOT NULL,
  reason   TEXT NOT NULL,
  fix      TEXT NOT NULL,
  found_at INTEGER NOT NULL
) STRICT;
