"""Master keys: the one that is in use, and the one that comes after it."""

from __future__ import annotations

OLD = {"m1": b"k" * 32}
BOTH = {**OLD, "m2": b"n" * 32}
NEW = {"m2": b"n" * 32}
