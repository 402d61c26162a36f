"""Archive's areas, each put together once: by the service over the world, by its tests over a test's world.

Stores hold nothing but their statements, so each area has its own; what is one and the same for all is `Ground`.
"""

from services.archive.parts.backups import Backups
from services.archive.parts.consulting import Consulting
from services.archive.parts.fines import Fines
from services.archive.parts.ground import Ground
from services.archive.parts.intake import Intake
from services.archive.parts.keys import Keys
from services.archive.parts.life import Life
from services.archive.parts.proof import Notary, Proof, lease_of, verifier, voucher
from services.archive.parts.records import Limits, Records

__all__ = [
    "Backups",
    "Consulting",
    "Fines",
    "Ground",
    "Intake",
    "Keys",
    "Life",
    "Limits",
    "Notary",
    "Proof",
    "Records",
    "lease_of",
    "verifier",
    "voucher",
]
