-- A token of a role that its holder does not have is refused. Null: recorded before, by a release that did not ask.
ALTER TABLE people ADD COLUMN role text COLLATE "C";
