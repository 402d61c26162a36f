"""Pure rules of the follow-up: cadences, the schedule of a customer, the reminders that come of it."""
