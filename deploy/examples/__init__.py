"""Data to try Tierline with."""
