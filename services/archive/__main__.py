"""Archive, put together: `python -m services.archive [migrate]`."""

from __future__ import annotations

from uuid import uuid4

from services.archive.api import STREAMED
from services.archive.jobs import Chores, jobs
from services.archive.parts import (
    Backups,
    Consulting,
    Fines,
    Ground,
    Intake,
    Keys,
    Life,
    Limits,
    Notary,
    Proof,
    Records,
    lease_of,
    voucher,
)
from services.archive.parts.ground import NAME
from services.archive.settings import ArchiveSettings, CheckpointSettings
from services.archive.store import ObjectVault, SecondPlace, StretchReader, read_master_keys
from shared.alarms import Alarms
from shared.clock import Clock
from shared.links import read_links
from shared.metrics import Metrics
from shared.objects import open_objects
from shared.policy import load_policy
from shared.runtime import Service, main, open_database
from shared.standing import Attendance


def build(settings: ArchiveSettings) -> Service:
    policy = load_policy(settings.policy_file)
    clock = Clock(policy.zone, settings.clock.today, settings.clock.set_on)
    ground = Ground.over(open_database(NAME, settings), clock, policy, new_id=lambda: str(uuid4()))
    metrics = Metrics()
    alarms = Alarms(metrics)

    objects, links = open_objects(settings.objects), read_links(settings.link_key_file)
    masters = read_master_keys(settings.master_keys_file)
    notary = notary_of(settings.checkpoints)
    proof = Proof.over(ground, notary, StretchReader(settings.database.app_url()))
    fines = Fines.over(ground)
    consulting = Consulting.over(ground)
    limits = Limits(settings.attachment_bytes, settings.export_bytes, settings.export_records, settings.scan_pieces)
    records = Records.over(ground, ObjectVault(objects, masters), limits)
    keys = Keys.over(ground, masters, settings.rewrap_keys)
    backups = Backups.over(ground, metrics.registry)
    life = Life.over(ground, objects, consulting.office)
    intake = Intake.over(ground, fines.pricing)
    chores = Chores(
        vouch=voucher(ground, notary, lease_of(ground), alarms, lambda: ground.in_force.policy.audit),
        keep_grants=consulting.grants,
        keep_backups=backups.keep,
        keep_statements=fines.statements,
        watch_consulting=consulting.watch,
        forget_sightings=intake.forget,
        judge_files=intake.judge,
        scan_storage=records.scan,
    )
    return Service(
        name=NAME,
        settings=settings,
        database=ground.database,
        clock=clock,
        in_force=ground.in_force,
        outbox=ground.outbox,
        subscriptions=intake.subscriptions(),
        routers=(
            *proof.routers(),
            *fines.routers(),
            *consulting.routers(),
            *records.routers(),
            *backups.routers(),
            *keys.routers(),
            *life.routers(),
        ),
        open_routers=consulting.by_link(links),
        streamed=STREAMED,
        jobs=jobs(chores, lambda: ground.in_force.policy) + consulting.jobs() + life.jobs(),
        metrics=metrics,
        alarms=alarms.standing,
        standing=Attendance(ground.database, ground.people),
    )


def notary_of(settings: CheckpointSettings) -> Notary:
    """The key, and those before it, and the second place."""
    return Notary(settings.signing_key(), settings.believed(), SecondPlace(open_objects(settings)))


if __name__ == "__main__":
    main(NAME, build, ArchiveSettings)
