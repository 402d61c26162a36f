"""Every number of the business, in one file that people can read and that is checked as a whole."""

from shared.policy.loading import (
    PolicyError,
    Problem,
    WrittenPolicy,
    check_policy,
    default_text,
    load_policy,
    load_written,
    parse_policy,
)
from shared.policy.model import Policy

__all__ = [
    "Policy",
    "PolicyError",
    "Problem",
    "WrittenPolicy",
    "check_policy",
    "default_text",
    "load_policy",
    "load_written",
    "parse_policy",
]
