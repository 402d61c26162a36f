-- name: count_data_keys
-- How many data keys each master key wraps.
SELECT master, count(*) AS keys FROM data_keys GROUP BY master ORDER BY master;

-- name: take_data_keys
-- The next data keys that another master key than $1 wraps, by piece; what another process has in hand is left to it.
SELECT attachment_id, master, wrapped
FROM data_keys WHERE master <> $1 AND attachment_id > $2 ORDER BY attachment_id LIMIT $3 FOR UPDATE SKIP LOCKED;

-- name: rewrap_data_keys
-- The same keys, wrapped by another master key.
UPDATE data_keys AS k SET master = n.master, wrapped = n.wrapped
FROM unnest($1::text[], $2::text[], $3::bytea[]) AS n (attachment_id, master, wrapped)
WHERE k.attachment_id = n.attachment_id;
