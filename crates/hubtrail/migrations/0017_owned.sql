-- Whose findings are whose: few findings have an owner, and people look for their own.
CREATE INDEX finding_by_owner ON finding (owner, time) WHERE owner IS NOT NULL;
