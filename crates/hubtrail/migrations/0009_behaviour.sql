-- Below the line that the account's alert budget draws: nobody is told of it who does not look for it.
ALTER TABLE finding ADD COLUMN quiet INTEGER NOT NULL DEFAULT 0;
DROP INDEX finding_standing;
CREATE INDEX finding_standing ON finding (connector, status, severity, watch, exception, quiet, absorbed_by);

-- How far the learning of behaviour is, as JSON for people; `snapshot` has what was learned.
ALTER TABLE detection ADD COLUMN learned TEXT;
