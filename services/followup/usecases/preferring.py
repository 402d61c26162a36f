"""What people choose: language, channels in order, addresses, quiet hours, digest or not."""

from __future__ import annotations

import re

from services.followup.domain.preferences import Preferences
from services.followup.domain.refusal import NotPossibleError
from services.followup.ports import PeopleStore
from services.followup.ports.messages import Addressee, Mailroom, Reader
from services.followup.usecases.composing import ways_to
from services.followup.usecases.handing import id_of
from services.followup.usecases.organisation import scope_for
from services.followup.usecases.previewing import refuse_strangers
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.words import Text

# Whether it exists the mail server says; here it only must not be able to become anything but an address.
ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
# Robots' ids of people, and mobile numbers; never the word by which robots call the whole group.
MENTION = re.compile(r"(?!@*(?:all|everyone)$)[A-Za-z0-9_.@+-]{1,64}", re.IGNORECASE)


class ChoosePreferences:
    """Read and write: a person's own, for a manager the department's."""

    def __init__(self, room: Mailroom, people: PeopleStore) -> None:
        self._desk = room.desk
        self._preferences = room.post.preferences
        self._company = room.company
        self._people = people

    async def show(self, who: Principal, person: str) -> tuple[Reader, tuple[str, ...]]:
        """What a person has chosen, and the channels that this comes to."""
        async with self._desk.database.transaction() as tx:
            person = await self._seen(tx, who, person)
            reader = (await self._preferences.readers(tx, [person]))[person]
        return reader, ways_to(reader, self._company)

    async def choose(self, who: Principal, chosen: Preferences) -> tuple[Reader, tuple[str, ...]]:
        """Keep a choice, whole; NotPossibleError for one that cannot be."""
        async with self._desk.database.transaction() as tx:
            chosen = chosen._replace(person=await self._seen(tx, who, chosen.person))
            before = (await self._preferences.readers(tx, [chosen.person]))[chosen.person].preferences
            self._refuse_impossible(chosen, before)
            await self._preferences.save(tx, chosen)
            reader = (await self._preferences.readers(tx, [chosen.person]))[chosen.person]
        return reader, ways_to(reader, self._company)

    async def _seen(self, tx: Transaction, who: Principal, name: str) -> str:
        """The person of that name, an id or a rep code; NotPossibleError for a stranger."""
        person = await id_of(tx, self._people, name)
        refuse_strangers(await scope_for(tx, self._people, who), person)
        return person

    def _refuse_impossible(self, chosen: Preferences, before: Preferences) -> None:
        # A channel that was taken out of the file since must not keep anybody from changing something else.
        kept = {*(before.channels or ()), *before.mentions}
        for name in {*(chosen.channels or ()), *chosen.mentions} - kept:
            if name not in self._company.channels:
                raise NotPossibleError(
                    "unknown_channel", Text(zh=f"没有名为 {name} 的渠道", en=f"there is no channel called {name}")
                )
        if chosen.mail is not None and ADDRESS.fullmatch(chosen.mail) is None:
            raise NotPossibleError("bad_address", Text(zh="邮箱地址不正确", en="this is no mail address"))
        mails = [channel for channel in self._company.channels.values() if channel.kind == "mail"]
        to = Addressee(chosen.person, chosen.mail)
        if chosen.mail is not None and mails and not any(channel.reaches(to) for channel in mails):
            raise NotPossibleError(
                "foreign_address",
                Text(zh="只能使用公司允许的邮箱域名", en="mail goes to addresses of the company's domains only"),
            )
        if any(MENTION.fullmatch(mention) is None for mention in chosen.mentions.values()):
            raise NotPossibleError("bad_mention", Text(zh="提及标识不正确", en="this is no id that a robot knows"))
