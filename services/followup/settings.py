"""What followup is told by its environment beyond what every service is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.settings import ServiceSettings


class FollowupSettings(ServiceSettings):
    """Numbers of the machine; those of the business are in the policy."""

    # A look at an index that is nearly always empty costs nothing, and a line planned for today waits at most so long.
    dispatch_every_seconds: Annotated[float, Field(gt=0, le=3600)] = 2.0
    # Larger batches are hardly faster, and a batch holds its customers' locks until it commits.
    dispatch_lines: Annotated[int, Field(ge=1, le=10_000)] = 1000
    # As above; a new policy's cadences wait for nobody longer than one batch takes.
    replan_customers: Annotated[int, Field(ge=1, le=10_000)] = 1000
    # As above; a step holds its reminder's row until it commits.
    escalate_reminders: Annotated[int, Field(ge=1, le=10_000)] = 500
    # While history is read in, the next event may tell of a contact or an order that makes a reminder pointless.
    history_quiet_seconds: Annotated[float, Field(ge=0, le=600)] = 3.0
    # A trickle of old events must not keep the day's reminders back for ever.
    history_longest_seconds: Annotated[float, Field(ge=0, le=86_400)] = 600.0
