-- Raised by every change of what is configured, so that two editors do not overwrite each other.
ALTER TABLE alert_channel ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
