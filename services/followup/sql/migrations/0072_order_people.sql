-- When the organisation told it: a dead letter replayed late, or two acts at one moment, must not undo what is newer.
ALTER TABLE people ADD COLUMN as_of timestamptz; -- null: told before
