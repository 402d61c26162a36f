"""What is taken out of a record, as a ZIP: the pieces, and a manifest by which they can be proven."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from services.archive.usecases.reading import Parcel

ZIP: Final = "application/zip"


def packed(parcel: Parcel, taken_by: str) -> bytes:
    """The ZIP; pieces are numbered, so that two of one name do not meet, and lie in no folder but their section's."""
    content = BytesIO()
    lines = []
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for number, piece in enumerate(parcel.pieces, start=1):
            its = piece.attachment
            path = f"{plain(its.section)}/{number:03}-{plain(its.name)}"
            archive.writestr(path, piece.content)
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
        manifest = {
            "record": parcel.record.record,
            "title": parcel.record.title,
            "rank": parcel.record.rank,
            "taken_by": taken_by,
            "taken_at": parcel.taken_at.isoformat(),
            "grants": list(parcel.grants),
            "pieces": lines,
        }
        archive.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
    return content.getvalue()


def plain(name: str) -> str:
    """A name that means the same on every disk: nothing in it leads out of its folder."""
    kept = "".join("_" if character in '<>:"/\\|?*' or not character.isprintable() else character for character in name)
    return kept.strip(". ")[:100] or "_"
