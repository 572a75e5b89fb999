-- What was heard of HubSpot in an hour: `answered`, or the kind of a failure. What an hour was like follows from it.
CREATE TABLE collection_hour (
  stream INTEGER NOT NULL REFERENCES stream (id),
  hour   INTEGER NOT NULL,
  what   TEXT NOT NULL,
  PRIMARY KEY (stream, hour, what)
) STRICT, WITHOUT ROWID;
