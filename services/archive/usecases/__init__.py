"""What archive does: seals what happened, proposes what it costs, lets read, and proves that nothing was touched."""

from services.archive.usecases.alerting import AskAboutAlarms
from services.archive.usecases.asking import AskToConsult
from services.archive.usecases.auditing import ReadAudit
from services.archive.usecases.backups import BackupParts, KeepBackups
from services.archive.usecases.conduct import HearConduct
from services.archive.usecases.deciding import DecideRequests
from services.archive.usecases.delegations import KeepDelegations
from services.archive.usecases.desk import Desk
from services.archive.usecases.filing import FileRecords
from services.archive.usecases.fine_steps import DecideFines
from services.archive.usecases.fines import KeepFines
from services.archive.usecases.grants import KeepGrants
from services.archive.usecases.lapsing import WatchConsulting
from services.archive.usecases.links import DecideByLink
from services.archive.usecases.office import Office
from services.archive.usecases.people import RecordPeople
from services.archive.usecases.pricing import PriceBreaches
from services.archive.usecases.proposing import ProposeFines
from services.archive.usecases.proving import ProveAudit
from services.archive.usecases.reading import ReadRecords
from services.archive.usecases.requests import LookAtRequests
from services.archive.usecases.sealing import SealAudit
from services.archive.usecases.settling import SettleFines
from services.archive.usecases.stale import JudgeFiles, RecordFileReminders
from services.archive.usecases.statements import KeepStatements
from services.archive.usecases.stations import ListStations
from services.archive.usecases.storage import ScanStorage
from services.archive.usecases.tasks import TellTasks
from services.archive.usecases.verifying import Sources, VerifyAudit
from services.archive.usecases.vouching import Means, Vouch
from services.archive.usecases.wages import KeepWages
from services.archive.usecases.watching import ForgetSightings, Watch

__all__ = [
    "AskAboutAlarms",
    "AskToConsult",
    "BackupParts",
    "DecideByLink",
    "DecideFines",
    "DecideRequests",
    "Desk",
    "FileRecords",
    "ForgetSightings",
    "HearConduct",
    "JudgeFiles",
    "KeepBackups",
    "KeepDelegations",
    "KeepFines",
    "KeepGrants",
    "KeepStatements",
    "KeepWages",
    "ListStations",
    "LookAtRequests",
    "Means",
    "Office",
    "PriceBreaches",
    "ProposeFines",
    "ProveAudit",
    "ReadAudit",
    "ReadRecords",
    "RecordFileReminders",
    "RecordPeople",
    "ScanStorage",
    "SealAudit",
    "SettleFines",
    "Sources",
    "TellTasks",
    "VerifyAudit",
    "Vouch",
    "Watch",
    "WatchConsulting",
]
