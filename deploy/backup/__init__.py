"""Backups: all databases, what is under way between them, keys and objects, in one file that only a key opens (A8)."""
