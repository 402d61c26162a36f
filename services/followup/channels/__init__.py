"""The ways out: chat robots, mail, and whatever apprise knows; and the words that go over them.

The only callers of httpx, aiosmtplib and apprise. What a provider answers becomes a `Verdict` at once, and no address
or key of the channels file leaves this package: `secrets.Redactor` goes over every word before it does.
"""

from services.followup.channels.file import ChannelsError, read_channels
from services.followup.channels.measures import Measures
from services.followup.channels.wording import PhraseBook

__all__ = ["ChannelsError", "Measures", "PhraseBook", "read_channels"]
