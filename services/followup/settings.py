"""What followup is told by its environment beyond what every service is."""

from __future__ import annotations

from pathlib import Path
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
    # Robots and mail servers with their keys; without it reps are told nothing outside their lists.
    channels_file: Path | None = None
    # Where people deal with reminders; messages link to <link_base>/reminders/<id>. Without it they have no links.
    link_base: Annotated[str, Field(pattern=r"^https?://[^\s()<>]+$", max_length=300)] | None = None
    # Where people reach archive, and the key of its links: mail then carries <archive_base>/decide/<token>. Without
    # both, messages say what waits and have no such links.
    archive_base: Annotated[str, Field(pattern=r"^https?://[^\s()<>]+$", max_length=300)] | None = None
    link_key_file: Path | None = None
    # Where calendar programs reach this service; without it feeds have the address of the request that made them.
    feed_base: Annotated[str, Field(pattern=r"^https?://[^\s()<>]+$", max_length=300)] | None = None
    # What has just happened is told within so long; looking is one query on a table that is nearly always empty.
    compose_every_seconds: Annotated[float, Field(gt=0, le=3600)] = 2.0
    # Each channel's queue is looked at so often, by an index.
    send_every_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    # Longer than any channel takes to answer: what a dead process had claimed is sent again after it.
    send_lease_seconds: Annotated[float, Field(ge=1, le=3600)] = 120.0
    # At once on one channel: robots answer in a tenth of a second, and their limits are counted in minutes.
    send_at_a_time: Annotated[int, Field(ge=1, le=100)] = 20
