-- What each reminder is about, and until when it helps; all earlier ones were contacts of the cadence.
ALTER TABLE reminders
    ADD COLUMN kind      text NOT NULL DEFAULT 'contact',
    ADD COLUMN latest_on date;    -- null: it never comes too late
UPDATE reminders SET kind = 'purchase' WHERE line = 'F1.purchase';
