-- A grant may open a file a number of times only (A1, A2); each reading is counted in the transaction that allows it.

ALTER TABLE grants
    ADD COLUMN uses integer,                  -- null: as often as wanted
    ADD COLUMN used integer NOT NULL DEFAULT 0;
