"""What a program says of an environment that does not fit it: apart from the settings, which take a while to load."""

from __future__ import annotations


class SettingsError(Exception):
    """The environment does not configure this program; the message names each variable and what is wrong with it."""
