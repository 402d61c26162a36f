-- How far the store was compared with what was filed: from the first piece to the last, then after a pause again.
CREATE TABLE storage_scan (
    only_row boolean NOT NULL PRIMARY KEY DEFAULT true CHECK (only_row),
    after    text,        -- the last piece that was read; null between two rounds
    begun_at timestamptz, -- of the round under way, or the last one
    pieces   bigint NOT NULL DEFAULT 0,
    damaged  bigint NOT NULL DEFAULT 0
);
INSERT INTO storage_scan DEFAULT VALUES;
GRANT SELECT, UPDATE (after, begun_at, pieces, damaged) ON storage_scan TO {app};
