"""How often the audit's tree head leaves the house: what was sealed since could still be rewritten unseen."""

from __future__ import annotations

from shared.policy.fields import Count, Section


class AuditRules(Section):
    """A checkpoint every `checkpoint_seconds`, and before that when so many entries came; none while none came."""

    checkpoint_seconds: Count
    checkpoint_entries: Count
