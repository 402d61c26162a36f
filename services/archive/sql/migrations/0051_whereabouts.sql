-- Where accounts were used (N3), for as long as the policy says, and which breaches archive itself has told.

CREATE TABLE sightings (
    person       text        NOT NULL,
    at           timestamptz NOT NULL, -- the beginning of ten seconds
    address      text        NOT NULL,
    event_id     text        NOT NULL, -- of the access that was told first
    event_source text        NOT NULL,
    event_type   text        NOT NULL,
    PRIMARY KEY (person, at, address)
);
CREATE INDEX sightings_at ON sightings USING brin (at);

-- By the id of their fact, for ever: what is told twice would be two contents of one event.
CREATE TABLE breaches_told (
    breach_id text NOT NULL PRIMARY KEY
);

GRANT SELECT, INSERT, DELETE ON sightings TO {app};
GRANT SELECT, INSERT ON breaches_told TO {app};
