-- Findings that people are shown, which are few beside those below the line of the alert budget.
CREATE INDEX finding_shown ON finding (status, time) WHERE exception IS NULL AND quiet = 0;
