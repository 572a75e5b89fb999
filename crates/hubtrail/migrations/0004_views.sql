-- Questions that a person asks again: what follows the question mark of the events page, under a name of their own.
CREATE TABLE view (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  name       TEXT NOT NULL COLLATE NOCASE,
  query      TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (user, name)
) STRICT;
