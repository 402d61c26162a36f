-- The date that a customer asked for (F7): the line's next date while it lies ahead and nobody was in touch on or after it.
ALTER TABLE schedule_lines ADD COLUMN wished_on date;
