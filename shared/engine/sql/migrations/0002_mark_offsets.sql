-- A fingerprint of the last record that took effect: a log made anew may grow past the fence, and offsets cannot tell.
ALTER TABLE consumed_offsets ADD COLUMN last_mark bigint; -- null: nothing to compare with
