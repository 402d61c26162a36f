-- A token opens what its holder is now. Null: recorded before, by a release that did not ask.
ALTER TABLE people ADD COLUMN role text COLLATE "C";
