-- name: insert_tasks
-- Those that were never raised before.
INSERT INTO tasks (task_id, person, kind, subject_type, subject_id, raised_at)
SELECT task_id, person, kind, subject_type, subject_id, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    AS t (task_id, person, kind, subject_type, subject_id)
ORDER BY task_id
ON CONFLICT (task_id) DO NOTHING
RETURNING task_id;

-- name: clear_tasks
-- The open tasks of a subject, of one kind or of all; null kind is all, null person everybody.
UPDATE tasks SET cleared_at = $4
WHERE subject_type = $1 AND subject_id = $2 AND cleared_at IS NULL
  AND ($3::text IS NULL OR kind = $3) AND ($5::text IS NULL OR person = $5)
RETURNING task_id, person;

-- name: list_open_tasks
-- Whom a subject waits for.
SELECT person FROM tasks WHERE subject_type = $1 AND subject_id = $2 AND cleared_at IS NULL ORDER BY person;

-- name: clear_old_tasks
-- News that were told long ago.
UPDATE tasks SET cleared_at = $3 WHERE subject_type = $1 AND raised_at < $2 AND cleared_at IS NULL
RETURNING task_id, person;

-- name: list_open_subjects
-- Which subjects of a type wait for anybody.
SELECT DISTINCT subject_id FROM tasks WHERE subject_type = $1 AND cleared_at IS NULL ORDER BY subject_id;
