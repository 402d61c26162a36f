-- Contract customers of each market are ranked by themselves.

-- Null: there is one population for all, or the file does not say. Kept up with the facts, and set anew by a policy.
ALTER TABLE customers ADD COLUMN market text COLLATE "C";

-- Whose settling it was.
ALTER TABLE settlings ADD COLUMN market text COLLATE "C";
