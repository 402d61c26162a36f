"""Mail, as HTML and as text, over SMTP."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple

import aiosmtplib
from jinja2 import Environment, Template

from services.followup.channels.codes import HELD_BACK, NO_ANSWER
from services.followup.channels.markdown import in_bytes
from services.followup.channels.secrets import Redactor
from services.followup.domain.delivering import Verdict
from services.followup.domain.letters import Block, Letter, Page
from services.followup.domain.pacing import Limit
from services.followup.ports.messages import Addressee, Kind, Shown
from shared.words import Text

# Greylisting and virus scanning take their time.
TIMEOUT: Final = 20.0
WHOLE_SECONDS: Final = 30.0
LARGEST: Final = 10_000_000
PERMANENT: Final = 500

REFUSED = Text(zh="邮件服务器拒收", en="the mail server refuses it")
GREYLISTED = Text(zh="邮件服务器暂时拒收，稍后重试", en="the mail server refuses it for now; tried again later")
NO_ADDRESS = Text(zh="收件人没有可用的邮箱地址", en="there is no address of the recipient that may be used")
BAD_LOGIN = Text(zh="邮件服务器不接受登录信息", en="the mail server does not take the login")
BAD_CERTIFICATE = Text(zh="邮件服务器的证书不可信", en="the mail server's certificate is not trusted")

Security = Literal["tls", "starttls", "none"]


class Server(NamedTuple):
    """A mail server and how to get in; `ca_file` where its certificate is signed by a company's own authority.

    `domains` are those to which customers' names may be mailed; none named: any.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None
    domains: tuple[str, ...] = ()


class Mail:
    """One mail server; a message has the same Message-ID however often it is sent, so that readers show it once."""

    kind: Kind = "mail"

    def __init__(self, name: str, server: Server, a_minute: int) -> None:
        self.name = name
        self.limits: Sequence[Limit] = (Limit(a_minute, 60),)
        self._server = server
        self._redact = Redactor(word for word in (server.password,) if word)

    def reaches(self, to: Addressee) -> bool:
        domains = self._server.domains
        return to.mail is not None and (not domains or to.mail.rpartition("@")[2].lower() in domains)

    def pages(self, letter: Letter, to: Addressee) -> Sequence[Page]:
        return [Page(1, 1, letter.title, text_of(letter), html_of(letter))]

    def show(self, page: Page, to: Addressee) -> Shown:
        return Shown(page, "mail", page.text, in_bytes(page.text) + in_bytes(page.html), LARGEST)

    async def send(self, page: Page, to: Addressee, message_id: str) -> Verdict:
        if to.mail is None or not self.reaches(to):
            return Verdict("refused", "no_address", "", NO_ADDRESS)
        try:
            message = self._message(page, to.mail, message_id)
            async with asyncio.timeout(WHOLE_SECONDS):
                _, said = await self._hand_over(message)
        # Whatever mail servers and certificates come up with, it is this one message's matter.
        except Exception as error:  # noqa: BLE001
            return self._verdict(error)
        return Verdict("sent", "250", self._redact(said))

    async def _hand_over(self, message: EmailMessage) -> tuple[object, str]:
        server = self._server
        context = None if server.security == "none" else ssl.create_default_context(cafile=server.ca_file)
        return await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            # Required, not tried: a server that has no TLS must not get the password.
            start_tls=server.security == "starttls",
            tls_context=context,
            timeout=TIMEOUT,
        )

    def _message(self, page: Page, address: str, message_id: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = Address(addr_spec=address)
        message["Subject"] = page.title
        message["Date"] = formatdate(localtime=False)
        domain = parseaddr(self._server.sender)[1].rpartition("@")[2]
        message["Message-ID"] = f"<{message_id}@{domain}>"
        # No holiday replies, please.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(page.text)
        message.add_alternative(page.html, subtype="html")
        return message

    def _verdict(self, error: Exception) -> Verdict:
        said = self._redact(error)
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
            error = error.recipients[0]
        if isinstance(error, aiosmtplib.SMTPAuthenticationError) and error.code >= PERMANENT:
            return Verdict("refused", str(error.code), said, BAD_LOGIN)
        if isinstance(error, aiosmtplib.SMTPResponseException):
            code, words = str(error.code), self._redact(error.message)
            if error.code >= PERMANENT:
                return Verdict("refused", code, words, REFUSED)
            return Verdict("again", code, words, HELD_BACK if error.code == 421 else GREYLISTED)  # noqa: PLR2004 - RFC 5321
        name = type(error).__name__
        if isinstance(error, ssl.SSLCertVerificationError) or isinstance(error.__cause__, ssl.SSLCertVerificationError):
            return Verdict("again", name, said, BAD_CERTIFICATE)
        if isinstance(error, aiosmtplib.SMTPException | OSError | TimeoutError):
            return Verdict("again", name, said or "no words", NO_ANSWER)
        # An address that no header can hold, or the like: it will be so the next time.
        return Verdict("refused", name, said, REFUSED)


def text_of(letter: Letter) -> str:
    """The letter for whoever reads no HTML."""
    parts = [letter.title, letter.lead, *(_block(block) for block in letter.blocks), letter.foot, letter.link or ""]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    lines = [line.label + line.text for line in block.lines]
    return "\n".join([block.heading, *(f"  {line}" for line in lines), *([f"  {block.link}"] if block.link else [])])


def html_of(letter: Letter) -> str:
    """The letter as a page; every word of it is escaped."""
    return _template().render(letter=letter)


@cache
def _template() -> Template:
    source = (files("services.followup.channels") / "mail.html.j2").read_text("utf-8")
    return Environment(autoescape=True).from_string(source)
