"""What archive does: seals what happened, proposes what it costs, lets read, and proves that nothing was touched."""

from services.archive.usecases.auditing import ReadAudit
from services.archive.usecases.desk import Desk
from services.archive.usecases.fines import KeepFines
from services.archive.usecases.grants import KeepGrants
from services.archive.usecases.people import RecordPeople
from services.archive.usecases.proving import ProveAudit
from services.archive.usecases.sealing import SealAudit
from services.archive.usecases.verifying import Sources, VerifyAudit
from services.archive.usecases.vouching import Means, Vouch

__all__ = [
    "Desk",
    "KeepFines",
    "KeepGrants",
    "Means",
    "ProveAudit",
    "ReadAudit",
    "RecordPeople",
    "SealAudit",
    "Sources",
    "VerifyAudit",
    "Vouch",
]
