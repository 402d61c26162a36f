-- From where a calendar's address was asked on a business date: calendar programs ask every few minutes, and each such
-- row is one entry of the audit. Rows of days that are over go with the next reading.
CREATE TABLE feed_readings (
    feed_id text COLLATE "C" NOT NULL,
    day     date NOT NULL,
    station text COLLATE "C" NOT NULL, -- the address that asked, '' where nobody knows
    refused boolean NOT NULL,          -- it opened nothing: revoked, or its people gone
    PRIMARY KEY (feed_id, day, station, refused)
);

GRANT SELECT, INSERT, DELETE ON feed_readings TO {app};
