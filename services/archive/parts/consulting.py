"""Consulting files: asked for, decided, granted, delegated, and watched by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from fastapi import APIRouter

from services.archive.api import delegations_router, grants_router, links_router, requests_router
from services.archive.parts.ground import Ground
from services.archive.store import DelegationStore, FileStore, GrantStore, RequestStore
from services.archive.usecases import (
    AskToConsult,
    DecideByLink,
    DecideRequests,
    KeepDelegations,
    KeepGrants,
    LookAtRequests,
    Office,
    WatchConsulting,
)
from services.archive.usecases.refused_links import RefusedLinks
from shared.engine.model import Job
from shared.links import Links


@dataclass(frozen=True, slots=True)
class Consulting:
    """What is done about requests and grants, all over one `Office`."""

    office: Office
    ask: AskToConsult
    decide: DecideRequests
    look: LookAtRequests
    grants: KeepGrants
    delegations: KeepDelegations
    watch: WatchConsulting
    refused_links: RefusedLinks

    @classmethod
    def over(cls, ground: Ground) -> Self:
        office = Office(
            desk=ground.desk,
            requests=RequestStore(),
            delegations=DelegationStore(),
            grants=GrantStore(),
            people=ground.people,
            files=FileStore(),
            tasks=ground.tell,
            policy=ground.in_force,
        )
        return cls(
            office=office,
            ask=AskToConsult(office),
            decide=DecideRequests(office),
            look=LookAtRequests(office),
            grants=KeepGrants(office),
            delegations=KeepDelegations(office),
            watch=WatchConsulting(office),
            refused_links=RefusedLinks(ground.desk, ground.people),
        )

    def routers(self) -> tuple[APIRouter, ...]:
        return (
            requests_router(self.ask, self.decide, self.look),
            grants_router(self.decide, self.grants, self.office.desk.clock.now),
            delegations_router(self.delegations),
        )

    def by_link(self, links: Links | None) -> tuple[APIRouter, ...]:
        """The door that a message's link opens; none without the key of the links."""
        if links is None:
            return ()
        clock = self.office.desk.clock
        return (links_router(DecideByLink(self.office, self.decide, links, self.refused_links), lambda: clock.zone),)

    def jobs(self) -> tuple[Job, ...]:
        return (Job("refused_links", every=15.0, run=self.refused_links.tell),)
