-- Alerts in 30 days that are wanted of the account: `default` as of the others, or a number such as `2`.
ALTER TABLE connector ADD COLUMN alert_budget TEXT NOT NULL DEFAULT 'default';
DROP TRIGGER connector_revised;
CREATE TRIGGER connector_revised AFTER UPDATE ON connector
WHEN (old.name, old.base_url, old.api_version, old.start, old.poll_interval_ms, old.rate_limit, old.page_size, old.paused)
    IS NOT (new.name, new.base_url, new.api_version, new.start, new.poll_interval_ms, new.rate_limit, new.page_size, new.paused)
  OR (old.labels, old.declared_in, old.removed, old.retention, old.alert_budget)
    IS NOT (new.labels, new.declared_in, new.removed, new.retention, new.alert_budget)
BEGIN
  UPDATE connector SET revision = old.revision + 1 WHERE id = new.id;
END;
