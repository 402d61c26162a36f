"""`tiers.v1`: the levels that scoring decides; key customer_id."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.types import (
    CustomerClass,
    Day,
    DerivedIdentifier,
    EventData,
    ExactAmount,
    Frozen,
    Identifier,
    Instant,
    Level,
    Words,
)

Score = Annotated[int, Field(strict=True, ge=1, le=5)]
Natural = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
FourCutoffs = tuple[ExactAmount, ExactAmount, ExactAmount, ExactAmount]


class Tier(Frozen):
    """Class and level of a customer (K1-K3); on the wire the class is called `class`."""

    customer_class: CustomerClass = Field(validation_alias="class", serialization_alias="class")
    level: Level


class Cutoffs(Frozen):
    """The 20/40/60/80 % quantiles of days, orders and money that the scores were held against (RFM)."""

    r: FourCutoffs
    f: FourCutoffs
    m: FourCutoffs


class TierCause(Frozen):
    """What moved the level: an event (with id and type), the passing of a day (with date) or a new policy (K6)."""

    kind: Literal["event", "date", "policy"]
    id: DerivedIdentifier | None = None
    type: Identifier | None = None
    date: Day | None = None


class Explanation(Frozen):
    """Why a customer has its level (K4, RFM); all of r to key_size are null where the customer is not ranked.

    `rank` 1 is best among `population`; the first `key_size` are key. `recency_days` is R in days, `orders` the
    window's F, `amount` the window's M in the base currency. `market` names the population; null: there is one for all.
    """

    r: Score | None = None
    f: Score | None = None
    m: Score | None = None
    rank: Natural | None = None
    population: Natural | None = None
    recency_days: Natural | None = None
    orders: Natural | None = None
    amount: ExactAmount | None = None
    cutoffs: Cutoffs | None = None
    key_size: Natural | None = None
    market: Identifier | None = None
    cause: TierCause
    words: Words


class LevelDecided(EventData):
    """A `tier.changed` without its reasons: all that most readers take from it."""

    moment_field: ClassVar[str | None] = "decided_at"

    customer_id: Identifier
    sequence: Annotated[int, Field(strict=True, ge=1, lt=2**63)]
    from_: Tier | None = Field(default=None, validation_alias="from", serialization_alias="from")
    to: Tier
    since: Day
    decided_at: Instant
    policy_version: Identifier
    rep: Identifier | None = None


class TierChanged(LevelDecided):
    """A customer's level was decided anew and differs (K6).

    `sequence` grows by 1 with each change of that customer; `from_` (wire: `from`) is null the first time; `since` is
    the business date of the decision. The event's id is "<customer_id>:<sequence>".
    """

    why: Explanation


class TierDropAhead(EventData):
    """Without an order by `date` the customer will fall to `level` the day after (K4, K6): time to do something.

    `keeps` is the least order, in `currency`, that by itself keeps the level `held`, were it placed on `foreseen_on`
    and all else stayed as it was: 0 for any order, null where no single order would. `sequence` is that of the
    decision which gave that level, `last_order_on` the last order known then. The event's id is
    "<customer_id>:<sequence>:<date of the last order>": told once.
    """

    customer_id: Identifier
    level: Level
    date: Day
    words: Words
    held: Level | None = None
    falls_on: Day | None = None
    keeps: ExactAmount | None = None
    currency: Identifier | None = None
    foreseen_on: Day | None = None
    sequence: Annotated[int, Field(strict=True, ge=1, lt=2**63)] | None = None
    policy_version: Identifier | None = None
    rep: Identifier | None = None
    last_order_on: Day | None = None
