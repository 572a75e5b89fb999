-- Who looked at a finding, when first and when last.
CREATE TABLE look (
  finding BLOB NOT NULL,
  who     TEXT NOT NULL,
  first   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  times   INTEGER NOT NULL,
  PRIMARY KEY (finding, who)
) STRICT, WITHOUT ROWID;

-- Rules that people wrote in the console.
CREATE TABLE own_rule (
  name TEXT PRIMARY KEY,
  text TEXT NOT NULL,
  at   INTEGER NOT NULL,
  by   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
