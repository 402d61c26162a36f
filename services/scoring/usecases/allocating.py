"""Sharing out a resource of the policy among the company's customers, or among some that are only given (D3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.scoring.domain.scores.allocating import Line, Order, allocate
from services.scoring.domain.scores.credibility import Credibility
from services.scoring.domain.scores.measures import Measures
from services.scoring.domain.scores.sharing import ImpossibleError
from services.scoring.domain.scores.traits import Traits
from services.scoring.domain.scores.wording import ShareWording, impossible
from services.scoring.ports import Clock, Database, TraitSource, Whom
from shared.in_force import InForce
from shared.policy.model import Policy
from shared.policy.scores import NamedScore, Resource
from shared.words import Text


@dataclass(frozen=True, slots=True)
class Allocation:
    """A resource shared out on a day, most units first; `credibility` is what new customers' sales lean on."""

    resource: Resource
    score: NamedScore
    day: date
    policy_version: str
    credibility: Credibility
    lines: Sequence[Line]
    wording: ShareWording

    def why(self, line: Line) -> Text:
        """The reason of a share, said only for those that are shown: there may be a hundred thousand."""
        return self.wording.share(self.resource, self.score, line)


class UnknownResourceError(Exception):
    """The policy has no such resource; `known` are those that it has."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = known


class CannotShareError(Exception):
    """The bounds cannot be kept; `why` says what they come to and what to change."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


class AllocateResource:
    """Computes an allocation; nothing is kept, and nobody's level changes."""

    def __init__(self, *, database: Database, traits: TraitSource, policy: InForce[Policy], clock: Clock) -> None:
        self._database = database
        self._traits = traits
        self._policy = policy
        self._clock = clock

    async def __call__(self, name: str, order: Order) -> Allocation:
        """Among all customers of the resource's levels. UnknownResourceError, CannotShareError."""
        async with self._database.transaction() as tx:
            policy, today = await self._policy(tx), self._clock.today()
            found = self._traits.read(tx, today, policy.scores, Whom(resource_of(policy, name).levels))
            customers = [known.traits async for known in found]
        return share(policy, name, order, customers, today)

    async def trial(self, name: str, order: Order, customers: Sequence[Traits]) -> Allocation:
        """Among `customers` only, whoever they are. UnknownResourceError, CannotShareError."""
        async with self._database.transaction() as tx:
            policy = await self._policy(tx)
        return share(policy, name, order, customers, self._clock.today())


def share(policy: Policy, name: str, order: Order, customers: Sequence[Traits], today: date) -> Allocation:
    resource = resource_of(policy, name)
    score = policy.scores.named[resource.score]
    measured, credibility = Measures(policy.scores, today).of(customers)
    try:
        lines = allocate(order, resource, score, measured)
    except ImpossibleError as error:
        raise CannotShareError(impossible(error, resource)) from None
    wording = ShareWording(policy.base_currency)
    return Allocation(resource, score, today, policy.version, credibility, lines, wording)


def resource_of(policy: Policy, name: str) -> Resource:
    """A resource however its name is written: trial-pack, trial_pack."""
    resource = policy.resources.get(name.replace("-", "_"))
    if resource is None:
        raise UnknownResourceError(name, sorted(policy.resources))
    return resource
