-- name: save_tasks
-- Tasks as they were raised; one that is known already stays as it is, and is not returned.
INSERT INTO tasks (task_id, person, kind, file, due_at, raised_at, words_zh, words_en, subject_type, subject_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[],
                     $8::text[], $9::text[], $10::text[])
ON CONFLICT (task_id) DO NOTHING
RETURNING task_id;

-- name: clear_tasks
-- What waits no more, since when.
UPDATE tasks AS t SET cleared_at = c.at
FROM unnest($1::text[], $2::timestamptz[]) AS c (task_id, at)
WHERE t.task_id = c.task_id AND t.cleared_at IS NULL;

-- name: list_tasks
-- A page of what waits for somebody, the newest first.
SELECT task_id, person, kind, file, due_at, raised_at, words_zh, words_en, subject_type, subject_id
FROM tasks
WHERE person = $1 AND cleared_at IS NULL AND ($2::timestamptz IS NULL OR (raised_at, task_id) < ($2, $3))
ORDER BY raised_at DESC, task_id DESC LIMIT $4;

-- name: withdraw_task_notices
-- Nobody need be told of these tasks any more.
DELETE FROM notices WHERE topic = 'task' AND reminder_id = ANY($1::text[]);

-- name: drop_task_messages
-- queued -> dropped: nothing that it tells of waits any more, and no page of it is out.
UPDATE messages AS m
SET state = 'dropped', ended_at = $2
WHERE m.state = 'queued' AND m.topic = 'task' AND m.page = 1 AND m.leased_until IS NULL
  AND m.reminders && $1::text[]
  AND NOT EXISTS (SELECT FROM tasks AS t WHERE t.task_id = ANY(m.reminders) AND t.cleared_at IS NULL);
