-- What greetings, files, prospects and falls are reminded by (F6, P2, O2, K6), and the rhythm of purchases (F1).

ALTER TABLE schedules
    DROP COLUMN first_order_on,         -- the mean interval gave way to the rhythm
    ADD COLUMN purchases      integer,  -- days of purchase that the rhythm is judged from
    ADD COLUMN usual_interval integer,  -- days
    ADD COLUMN usual_spread   integer,  -- days
    ADD COLUMN country        text,
    ADD COLUMN improved_on    date,
    ADD COLUMN gaps           text,     -- names of required fields, by commas; '' none; '*' all; null: not told yet
    ADD COLUMN given_on       date,
    ADD COLUMN reported_on    date;
-- Of a new customer nothing was stated.
ALTER TABLE schedules ALTER COLUMN gaps SET DEFAULT '*';
UPDATE schedules SET gaps = '*' WHERE version IS NULL;

ALTER TABLE schedule_lines ADD COLUMN about jsonb; -- words of the one thing that the line is about; null for all others

-- The newest fall of a customer that was foreseen; believed while its line is open.
CREATE TABLE falls (
    customer_id   text COLLATE "C" NOT NULL PRIMARY KEY,
    sequence      bigint NOT NULL, -- of the level that would be lost
    last_order_on date   NOT NULL, -- as known when it was foreseen
    foreseen_on   date   NOT NULL,
    act_by        date   NOT NULL,
    words_zh      text   NOT NULL,
    words_en      text   NOT NULL
);

CREATE TABLE products (
    number         bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    product_id     text COLLATE "C" NOT NULL PRIMARY KEY,
    name_zh        text NOT NULL,
    name_en        text NOT NULL,
    announced_on   date NOT NULL,
    within_days    integer NOT NULL,
    announced_by   text NOT NULL,
    announced_at   timestamptz NOT NULL,
    after_customer text COLLATE "C" DEFAULT '' -- '' -> the last customer who was given a day -> null: all were
);
CREATE INDEX products_untold ON products (number) WHERE after_customer IS NOT NULL;
CREATE INDEX reminders_of_products ON reminders (substr(line, strpos(line, ':') + 1)) WHERE kind = 'new_product';
CREATE INDEX reminders_past ON reminders (latest_on) WHERE state = 'due' AND latest_on IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON falls, products TO {app};
-- The one thing that the everyday login may drop: lines of products that a customer heard of. Nothing is lost with them,
-- for the reminder stays on record.
CREATE FUNCTION forget_told(customers text[]) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM schedule_lines
    WHERE customer_id = ANY(customers) AND about IS NOT NULL AND opened_on IS NULL
$$;
REVOKE ALL ON FUNCTION forget_told FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_told TO {app};

-- Everybody gets the lines that are new.
UPDATE replanning SET after_customer = '' WHERE EXISTS (SELECT FROM schedules);
