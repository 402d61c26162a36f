"""Followup: whom each rep should contact, when and why (F1–F8)."""
