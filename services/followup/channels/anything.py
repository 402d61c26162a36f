"""Whatever else apprise knows. It answers yes or no, so what the provider said is what its log says."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from typing import Any, Final

from services.followup.channels.codes import NO_ANSWER, STRANGE
from services.followup.channels.markdown import blocks_of, in_bytes
from services.followup.channels.secrets import Redactor, secrets_of_any
from services.followup.domain.delivering import Verdict
from services.followup.domain.letters import Letter, Page
from services.followup.domain.pacing import Limit
from services.followup.ports.messages import Addressee, Kind, Shown

WHOLE_SECONDS: Final = 60.0
LARGEST: Final = 30_000


class Anything:
    """One or more addresses of apprise; apprise itself cuts what is too long for them.

    It has one log for all, in which the words of other channels may stand: `beside` are their addresses.
    """

    kind: Kind = "apprise"

    def __init__(self, name: str, urls: Sequence[str], a_minute: int, beside: Sequence[str] = ()) -> None:
        # Fifty megabytes of plug-ins, which most companies do without.
        import apprise  # noqa: PLC0415

        self.name = name
        self.limits: Sequence[Limit] = (Limit(a_minute, 60),)
        self._redact = Redactor({secret for url in (*urls, *beside) for secret in secrets_of_any(url)})
        self._notifier: Any = apprise.Apprise()
        self.understood = all(map(self._notifier.add, urls))
        self._markdown = apprise.NotifyFormat.MARKDOWN
        # A send that is given up goes on in its thread; the next one waits for it rather than piling up.
        self._one_at_a_time = asyncio.Lock()

    def reaches(self, to: Addressee) -> bool:
        return True

    def pages(self, letter: Letter, to: Addressee) -> Sequence[Page]:
        return [Page(1, 1, letter.title, "\n\n".join(blocks_of(letter)))]

    def show(self, page: Page, to: Addressee) -> Shown:
        return Shown(page, "markdown", page.text, in_bytes(page.text), LARGEST)

    async def send(self, page: Page, to: Addressee, message_id: str) -> Verdict:
        try:
            async with asyncio.timeout(WHOLE_SECONDS), self._one_at_a_time:
                done, said = await asyncio.to_thread(self._notify, page)
        except TimeoutError:
            return Verdict("again", "TimeoutError", "no words", NO_ANSWER)
        # A plug-in may raise whatever it likes.
        except Exception as error:  # noqa: BLE001
            return Verdict("unknown", type(error).__name__, self._redact(error), STRANGE)
        return Verdict("sent", "ok", said) if done else Verdict("unknown", "failed", said, STRANGE)

    def _notify(self, page: Page) -> tuple[bool, str]:
        words = io.StringIO()
        listener = logging.StreamHandler(words)
        logger = logging.getLogger("apprise")
        # Its words quote addresses: they go to us alone, and on without the secrets.
        logger.propagate, logger.handlers[:] = False, [listener]
        done = bool(self._notifier.notify(body=page.text, title=page.title, body_format=self._markdown))
        return done, self._redact(words.getvalue())
