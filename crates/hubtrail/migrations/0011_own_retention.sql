-- How long the account's events are kept: `default` as those of the others, `forever`, or days such as `30d`.
ALTER TABLE connector ADD COLUMN retention TEXT NOT NULL DEFAULT 'default';
DROP TRIGGER connector_revised;
CREATE TRIGGER connector_revised AFTER UPDATE ON connector
WHEN (old.name, old.base_url, old.api_version, old.start, old.poll_interval_ms, old.rate_limit, old.page_size, old.paused)
    IS NOT (new.name, new.base_url, new.api_version, new.start, new.poll_interval_ms, new.rate_limit, new.page_size, new.paused)
  OR (old.labels, old.declared_in, old.removed, old.retention)
    IS NOT (new.labels, new.declared_in, new.removed, new.retention)
BEGIN
  UPDATE connector SET revision = old.revision + 1 WHERE id = new.id;
END;
