"""What scoring does: decide levels with events and days, and answer for them."""
