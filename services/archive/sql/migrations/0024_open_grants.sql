-- The clock looks every few seconds for grants that end, or are for what is so no more: over those that run, not all.
CREATE INDEX grants_open ON grants (until) WHERE revoked_at IS NULL;
