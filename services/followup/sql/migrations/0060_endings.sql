-- A reminder may end without a contact, when what it asked for came about or is out of time.
ALTER TABLE reminders DROP CONSTRAINT reminders_state_check;
ALTER TABLE reminders
    ADD CONSTRAINT reminders_state_check CHECK (state IN (
        'due',     -- -> done, skipped, ended
        'done',    -- the contact came round on customers.v1; nothing leads out of here
        'skipped', -- somebody said why it is left out; nothing leads out of here
        'ended'    -- nobody needs to do it any more; nothing leads out of here
    )),
    ADD COLUMN ended text; -- why, once it is ended: ordered, improved, moot, too_late, repeated
