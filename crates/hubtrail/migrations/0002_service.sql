-- The running service: what a connector may be told beyond its first settings, and who may use the service.

-- Words by which people group connectors, as a JSON list.
ALTER TABLE connector ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';
-- The configuration file that declares it; it is read-only everywhere else. Null for all others.
ALTER TABLE connector ADD COLUMN declared_in TEXT;
-- Client id, client secret and refresh token of a public app, sealed together. `sealed_token` is then empty: an access
-- token lives for minutes, and in memory only.
ALTER TABLE connector ADD COLUMN sealed_oauth BLOB;
-- Raised by every change of what is configured, so that a running collection notices, and two editors do not overwrite
-- each other. Whoever replaces credentials raises it as well; a refresh token that HubSpot replaces is no change.
ALTER TABLE connector ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
CREATE TRIGGER connector_revised AFTER UPDATE ON connector
WHEN (old.name, old.base_url, old.api_version, old.start, old.poll_interval_ms, old.rate_limit, old.page_size, old.paused)
    IS NOT (new.name, new.base_url, new.api_version, new.start, new.poll_interval_ms, new.rate_limit, new.page_size, new.paused)
  OR (old.labels, old.declared_in, old.removed) IS NOT (new.labels, new.declared_in, new.removed)
BEGIN
  UPDATE connector SET revision = old.revision + 1 WHERE id = new.id;
END;

-- What stands in the way of each kind of walk: a good tail says nothing of a sweep that fails. What stood
-- in the way before is found again by the next walk.
DROP TABLE failure;
CREATE TABLE failure (
  stream  INTEGER NOT NULL REFERENCES stream (id),
  walk    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  code    TEXT NOT NULL,
  message TEXT NOT NULL,
  fix     TEXT NOT NULL,
  began   INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  -- Until when HubSpot, or our own share of its limits, makes the walk wait.
  until   INTEGER,
  PRIMARY KEY (stream, walk)
) STRICT, WITHOUT ROWID;

-- When HubSpot last answered, by our clock, and what came last: when, by HubSpot's clock, and where it is in the log.
ALTER TABLE stream ADD COLUMN polled_at INTEGER;
ALTER TABLE stream ADD COLUMN brought_at INTEGER;
ALTER TABLE stream ADD COLUMN brought INTEGER;

-- The limits as HubSpot last told them, as JSON.
ALTER TABLE calls ADD COLUMN usage TEXT;

-- The newest tests of a connection. The report is JSON and holds no secret.
CREATE TABLE connection_test (
  id        INTEGER PRIMARY KEY,
  connector INTEGER NOT NULL REFERENCES connector (id),
  at        INTEGER NOT NULL,
  passed    INTEGER NOT NULL,
  report    TEXT NOT NULL
) STRICT;
CREATE INDEX connection_test_by_connector ON connection_test (connector, id);

-- A range of history that somebody asked for. `ended` and `outcome` are null until it was walked.
CREATE TABLE backfill (
  id           INTEGER PRIMARY KEY,
  connector    INTEGER NOT NULL REFERENCES connector (id),
  from_ms      INTEGER,
  to_ms        INTEGER,
  requested_at INTEGER NOT NULL,
  requested_by TEXT NOT NULL,
  ended        INTEGER,
  outcome      TEXT
) STRICT;
CREATE INDEX backfill_open ON backfill (connector) WHERE ended IS NULL;

-- Who is behind a user id of HubSpot's. Never part of an event's identity.
CREATE TABLE directory (
  connector  INTEGER NOT NULL REFERENCES connector (id),
  user_id    TEXT NOT NULL,
  email      TEXT,
  first_name TEXT,
  last_name  TEXT,
  role       TEXT,
  -- 1: has left the account, as of `fetched_at`.
  gone       INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  PRIMARY KEY (connector, user_id)
) STRICT, WITHOUT ROWID;

-- When the account's people were last asked for, and which of the lists the token may read.
CREATE TABLE directory_read (
  connector      INTEGER PRIMARY KEY REFERENCES connector (id),
  at             INTEGER NOT NULL,
  users_allowed  INTEGER NOT NULL,
  owners_allowed INTEGER NOT NULL
) STRICT;

-- A person who signs in. `accounts` is null for all accounts, else a JSON list of connector ids.
CREATE TABLE user (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  name          TEXT NOT NULL COLLATE NOCASE UNIQUE,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL,
  accounts      TEXT,
  created_at    INTEGER NOT NULL,
  signed_in_at  INTEGER,
  disabled      INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Only digests: whoever reads this table cannot sign in.
CREATE TABLE session (
  digest     BLOB PRIMARY KEY,
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_user ON session (user);

CREATE TABLE token (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  digest     BLOB NOT NULL UNIQUE,
  -- The first characters, so that a person recognises it.
  hint       TEXT NOT NULL,
  role       TEXT NOT NULL,
  accounts   TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  used_at    INTEGER,
  revoked_at INTEGER
) STRICT;

-- What people did to Hubtrail itself. Written, never changed.
CREATE TABLE audit (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  at        INTEGER NOT NULL,
  actor     TEXT NOT NULL,
  -- From where: an address, `command line` or `configuration file`.
  origin    TEXT NOT NULL,
  action    TEXT NOT NULL,
  object    TEXT NOT NULL,
  connector INTEGER,
  detail    TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_connector ON audit (connector, id);
CREATE TRIGGER audit_is_immutable BEFORE UPDATE ON audit BEGIN
  SELECT raise(ABORT, 'the audit trail is immutable');
END;
