-- Entries per kind over whole days, weeks and quarters of 91 days, all counted from 1970 on: what a chart over years is
-- drawn from. They follow the hourly totals in the same transaction.
CREATE TABLE rollup_span (
  stream  INTEGER NOT NULL REFERENCES stream (id),
  days    INTEGER NOT NULL,
  start   INTEGER NOT NULL,
  kind    INTEGER NOT NULL,
  entries INTEGER NOT NULL,
  PRIMARY KEY (stream, days, start, kind)
) STRICT, WITHOUT ROWID;

-- Row by row: a grouping would sort all hours of a large log in memory. Weeks are made of days, and quarters of weeks.
INSERT INTO rollup_span
SELECT stream, 1, hour - ((hour % 86400000) + 86400000) % 86400000, kind, entries FROM rollup WHERE TRUE
ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
INSERT INTO rollup_span
SELECT stream, 7, start - ((start % 604800000) + 604800000) % 604800000, kind, entries FROM rollup_span WHERE days = 1
ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
INSERT INTO rollup_span
SELECT stream, 91, start - ((start % 7862400000) + 7862400000) % 7862400000, kind, entries FROM rollup_span WHERE days = 7
ON CONFLICT (stream, days, start, kind) DO UPDATE SET entries = entries + excluded.entries;
