-- name: select_readers
-- What people have chosen, and where they work.
SELECT w.person, p.department, coalesce(p.active, true) AS active, c.person IS NOT NULL AS has_chosen, c.language, c.channels, c.mail, c.mentions,
       c.quiet_from, c.quiet_until, c.digest
FROM unnest($1::text[]) AS w (person)
LEFT JOIN people AS p ON p.person = w.person
LEFT JOIN preferences AS c ON c.person = w.person;

-- name: save_preferences
-- A person's choice, whole.
INSERT INTO preferences (person, language, channels, mail, mentions, quiet_from, quiet_until, digest)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (person) DO UPDATE SET
    language = EXCLUDED.language, channels = EXCLUDED.channels, mail = EXCLUDED.mail, mentions = EXCLUDED.mentions,
    quiet_from = EXCLUDED.quiet_from, quiet_until = EXCLUDED.quiet_until, digest = EXCLUDED.digest;
