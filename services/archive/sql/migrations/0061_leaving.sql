-- Who left: what ended with it, who took over, and what they looked at in their last weeks (P6).

CREATE TABLE leavings (
    person      text        NOT NULL,
    departed_at timestamptz NOT NULL,
    settled_at  timestamptz, -- null -> grants revoked, requests and tasks let go of, the managers asked
    PRIMARY KEY (person, departed_at)
);
CREATE INDEX leavings_unsettled ON leavings (departed_at) WHERE settled_at IS NULL;

-- All customers of the person went to others; told by customers.
CREATE TABLE leaving_handovers (
    handover_id    text        NOT NULL PRIMARY KEY,
    person         text        NOT NULL,
    handed_over_at timestamptz NOT NULL,
    handed_by      text        NOT NULL,
    customers      integer     NOT NULL,
    receivers      jsonb       NOT NULL, -- person -> customers
    settled_at     timestamptz           -- null -> the receivers asked to introduce themselves
);
CREATE INDEX leaving_handovers_person ON leaving_handovers (person, handed_over_at);

CREATE TABLE leaving_reviews (
    person      text        NOT NULL,
    departed_at timestamptz NOT NULL,
    number      integer     NOT NULL CHECK (number > 0),
    reviewed_by text        NOT NULL CHECK (reviewed_by <> person),
    reviewed_at timestamptz NOT NULL,
    finding     text        NOT NULL CHECK (finding IN ('clear', 'suspicious')),
    remark      text        NOT NULL,
    PRIMARY KEY (person, departed_at, number),
    FOREIGN KEY (person, departed_at) REFERENCES leavings
);
CREATE TRIGGER leaving_reviews_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON leaving_reviews
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE (settled_at) ON leavings, leaving_handovers TO {app};
GRANT SELECT, INSERT ON leaving_reviews TO {app};
