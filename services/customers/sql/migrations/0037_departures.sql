-- Who let whom go, and to whom each customer went (P6): told once, and never told otherwise.

CREATE TABLE departures (
    person      text COLLATE "C" NOT NULL,
    number      integer     NOT NULL CHECK (number > 0), -- a later one hands over what came in since
    departed_at timestamptz NOT NULL,
    decided_by  text        NOT NULL,
    decided_at  timestamptz NOT NULL,
    reason      text        NOT NULL,
    customers   integer     NOT NULL CHECK (customers >= 0), -- handed over by this act
    PRIMARY KEY (person, number),
    -- Who leaves passes nothing on.
    CHECK (decided_by <> person)
);

CREATE TABLE handed_customers (
    person      text COLLATE "C" NOT NULL,
    number      integer NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    from_rep    text    NOT NULL, -- names by which customers know a rep
    to_rep      text    NOT NULL,
    PRIMARY KEY (person, number, customer_id),
    FOREIGN KEY (person, number) REFERENCES departures,
    CHECK (to_rep NOT IN (from_rep, person))
);
CREATE INDEX handed_customers_by_receiver ON handed_customers (person, to_rep, customer_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER departures_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON departures
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER handed_customers_are_final BEFORE UPDATE OR DELETE OR TRUNCATE ON handed_customers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON departures, handed_customers TO {app};
