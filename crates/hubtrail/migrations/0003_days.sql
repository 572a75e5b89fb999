-- Entries per day (UTC) of each person and each object, by the number of their name: who and what is busy, and how
-- busy on which day, is told from here. They follow the entries in the same transaction.
CREATE TABLE person_day (
  stream  INTEGER NOT NULL REFERENCES stream (id),
  day     INTEGER NOT NULL,
  person  INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (stream, day, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE object_day (
  stream  INTEGER NOT NULL REFERENCES stream (id),
  day     INTEGER NOT NULL,
  object  INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (stream, day, object)
) STRICT, WITHOUT ROWID;

INSERT INTO person_day
SELECT stream, timestamp - ((timestamp % 86400000) + 86400000) % 86400000, person, count(*)
FROM entry WHERE person IS NOT NULL GROUP BY 1, 2, 3;
INSERT INTO object_day
SELECT stream, timestamp - ((timestamp % 86400000) + 86400000) % 86400000, object, count(*)
FROM entry WHERE object IS NOT NULL GROUP BY 1, 2, 3;
