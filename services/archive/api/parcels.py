"""What is taken out of a record, as a ZIP: the pieces, and a manifest by which they can be proven."""

from __future__ import annotations

import json
from datetime import datetime
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.archive.domain.refusals import REFUSALS
from services.archive.usecases.parcels import Found, Parcel

ZIP: Final = "application/zip"


def packed(parcel: Parcel, taken_by: str) -> bytes:
    """The ZIP of one record; pieces lie in no folder but their section's."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        manifest = put(archive, parcel, "") | {"taken_by": taken_by, "taken_at": parcel.taken_at.isoformat()}
        archive.writestr(*entry("manifest.json", as_text(manifest), parcel.taken_at))
    return content.getvalue()


def packed_found(found: Found, taken_by: str) -> bytes:
    """The ZIP of all that a search found: each record in a folder of its own, and of the others why they stay."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        manifest = {
            "taken_by": taken_by,
            "taken_at": found.taken_at.isoformat(),
            "records": [
                put(archive, parcel, f"{number:03}-{plain(parcel.record.record)}/")
                for number, parcel in enumerate(found.parcels, start=1)
            ],
            "withheld": [
                {"record": record, "reason": why.value, "zh": REFUSALS[why].zh, "en": REFUSALS[why].en}
                for record, why in found.withheld.items()
            ],
        }
        archive.writestr(*entry("manifest.json", as_text(manifest), found.taken_at))
    return content.getvalue()


def put(archive: ZipFile, parcel: Parcel, folder: str) -> dict[str, Any]:
    """Lay the pieces of a record into a folder; what the manifest says of them.

    Pieces are numbered, so that two of one name do not meet.
    """
    lines = []
    for number, piece in enumerate(parcel.pieces, start=1):
        its = piece.attachment
        path = f"{folder}{plain(its.section)}/{number:03}-{plain(its.name)}"
        archive.writestr(*entry(path, piece.content, parcel.taken_at))
        lines.append(
            {
                "path": path,
                "attachment_id": its.attachment_id,
                "section": its.section,
                "name": its.name,
                "media_type": its.media_type,
                "size": its.size,
                "sha256": its.sha256.hex(),
            }
        )
    return {
        "record": parcel.record.record,
        "title": parcel.record.title,
        "rank": parcel.record.rank,
        "grants": list(parcel.grants),
        "pieces": lines,
        "kept": [kept._asdict() for kept in parcel.kept],
    }


def entry(path: str, content: bytes, taken_at: datetime) -> tuple[ZipInfo, bytes]:
    """A file in a ZIP, of the moment at which it was taken."""
    info = ZipInfo(path, taken_at.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    return info, content


def as_text(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, indent=2).encode()


def plain(name: str) -> str:
    """A name that means the same on every disk: nothing in it leads out of its folder."""
    kept = "".join("_" if character in '<>:"/\\|?*' or not character.isprintable() else character for character in name)
    return kept.strip(". ")[:100] or "_"
