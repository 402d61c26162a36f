"""The four services: strangers that meet in topics only."""
