"""Customers' HTTP: files for those who may read them, and what people have to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import Response

from services.customers.api.bodies import (
    AnnouncedBody,
    ContactRequest,
    FileBody,
    HeadlineBody,
    InquiryRequest,
    JudgementRequest,
    PersonBody,
    PersonRequest,
    shown_announced,
    shown_file,
    shown_headline,
    shown_person,
)
from services.customers.api.workbook import MEDIA_TYPE, workbook
from services.customers.domain.access import Reason
from services.customers.ports import Sought
from services.customers.usecases.announce import (
    Announce,
    ContactNote,
    InquiryNote,
    InTheFutureError,
    JudgementNote,
)
from services.customers.usecases.read_files import ListPeople, ReadFile, SearchFiles
from services.customers.usecases.reception import NoSuchCustomerError, NotAllowedError
from shared.contracts.activities import ProfileFields
from shared.contracts.organisation import PersonRecorded
from shared.contracts.types import CustomerClass, Identifier, Level, Text
from shared.http import Page, PageParams, Principal, Problem, page_params, principal
from shared.words import Language
from shared.words import Text as Words

Anybody = Annotated[Principal, Depends(principal)]
Paging = Annotated[PageParams, Depends(page_params)]
CustomerId = Annotated[Identifier, Path()]


def customers_router(read: ReadFile, search: SearchFiles, announce: Announce) -> APIRouter:
    """Files, searched and read, and what is told of customers."""
    router = APIRouter(prefix="/customers", tags=["customers"])

    @router.get("")
    async def customers(
        who: Anybody,
        page: Paging,
        sought: Annotated[Sought, Depends(sought_for)],
    ) -> Page[HeadlineBody]:
        with lawful():
            found = await search(who, sought, after=page.after or "", limit=page.limit)
        return page.of([shown_headline(line) for line in found], lambda line: line.customer_id)

    @router.get("/{customer_id:path}/export", response_model=FileBody, responses={200: {"content": {MEDIA_TYPE: {}}}})
    async def export(
        who: Anybody,
        customer_id: CustomerId,
        form: Annotated[Literal["json", "xlsx"], Query(alias="format")] = "json",
        lang: Annotated[Language, Query()] = Language.ZH,
    ) -> Response | FileBody:
        """导出客户档案（须有复制授权）。Take a file out, as JSON or as a workbook."""
        with lawful():
            file = shown_file(await read.export(who, customer_id))
        return file if form == "json" else workbook(file, lang)

    @router.get("/{customer_id:path}")
    async def customer(who: Anybody, customer_id: CustomerId) -> FileBody:
        with lawful():
            return shown_file(await read(who, customer_id))

    @router.post("/{customer_id:path}/contacts", status_code=202)
    async def contact(who: Anybody, customer_id: CustomerId, body: ContactRequest) -> AnnouncedBody:
        note = ContactNote(body.channel, body.contact_id, body.made_at, body.minutes, body.outcome)
        with lawful():
            return shown_announced(await announce.contact(who, customer_id, note))

    @router.post("/{customer_id:path}/profile", status_code=202)
    async def profile(who: Anybody, customer_id: CustomerId, body: ProfileFields) -> AnnouncedBody:
        with lawful():
            return shown_announced(await announce.profile(who, customer_id, body))

    @router.post("/{customer_id:path}/inquiries", status_code=202)
    async def inquiry(who: Anybody, customer_id: CustomerId, body: InquiryRequest) -> AnnouncedBody:
        note = InquiryNote(body.text, body.source, body.inquiry_id, body.received_at)
        with lawful():
            return shown_announced(await announce.inquiry(who, customer_id, note))

    @router.post("/{customer_id:path}/inquiries/{inquiry_id}/judgement", status_code=202)
    async def judgement(
        who: Anybody, customer_id: CustomerId, inquiry_id: Annotated[Identifier, Path()], body: JudgementRequest
    ) -> AnnouncedBody:
        note = JudgementNote(body.potential, body.reasons)
        with lawful():
            return shown_announced(await announce.judgement(who, customer_id, inquiry_id, note))

    return router


def people_router(list_people: ListPeople, announce: Announce) -> APIRouter:
    """Who works here."""
    router = APIRouter(prefix="/people", tags=["people"])

    @router.get("")
    async def people(who: Anybody, page: Paging) -> Page[PersonBody]:
        with lawful():
            found = await list_people(who, after=page.after or "", limit=page.limit)
        return page.of([shown_person(person) for person in found], lambda person: person.person)

    @router.post("", status_code=202)
    async def person(who: Anybody, body: PersonRequest) -> AnnouncedBody:
        recorded = PersonRecorded(
            person=body.person,
            role=body.role,
            department=body.department,
            manager=body.manager,
            rep_code=body.rep_code,
            active=body.active,
        )
        with lawful():
            return shown_announced(await announce.person(who, recorded))

    return router


def sought_for(
    rep: Annotated[Identifier | None, Query()] = None,
    department: Annotated[Identifier | None, Query()] = None,
    customer_class: Annotated[CustomerClass | None, Query(alias="class")] = None,
    level: Annotated[Level | None, Query()] = None,
    name: Annotated[Text | None, Query(min_length=1, max_length=200)] = None,
) -> Sought:
    """What a search asks for; `class` and `level` are scoring's, `name` is looked for in files open to the searcher."""
    return Sought(rep, department, customer_class, level, name)


REFUSALS = {
    Reason.NO_GRANT: Words(
        zh="您没有查阅此档案的权限；如需查阅，请提交查阅申请",
        en="this file is not open to you; ask for it by a request to consult",
    ),
    Reason.NO_COPY: Words(
        zh="您可查阅此档案，但无权复制或导出；如需导出，请提交申请",
        en="you may read this file, not take it out; ask for a copy by a request to consult",
    ),
    Reason.STALE_GRANTS: Words(
        zh="暂时无法核对查阅授权（已超过 30 秒未收到档案室的消息），请稍后再试",
        en="what needs a grant is closed for now: archive has not been heard from lately; try again in a while",
    ),
    Reason.LEFT: Words(zh="您的账号已停用", en="you are recorded as no longer working here"),
    Reason.NOT_OWN: Words(
        zh="只能办理自己负责的客户、本部门的人员；其他的请找其部门经理办理",
        en="you may do this for customers of your own and people of your department; for others ask their manager",
    ),
    Reason.ROLE: Words(zh="您的岗位无权进行此操作", en="your role does not do this"),
    Reason.OWN_RECORD: Words(zh="任何人不得登记自己的岗位", en="nobody records their own place in the company"),
    Reason.OWN_CONDUCT: Words(zh="任何人不得举报自己的行为", en="nobody reports their own conduct"),
    Reason.CODE_TAKEN: Words(zh="该业务员代码已属于他人", en="that rep code is somebody else's"),
    Reason.NO_SUCH_PERSON: Words(
        zh="组织架构中没有此人，请先登记", en="nobody of that name is recorded as working here"
    ),
    Reason.GONE: Words(
        zh="该业务员已离职，不能接手客户", en="that rep is recorded as no longer working here, and takes over nobody"
    ),
    Reason.NO_DEPUTY: Words(
        zh="代理人须为在职的其他人员", en="the deputy has to be somebody else who is recorded as working here"
    ),
}


@contextmanager
def lawful() -> Iterator[None]:
    """Let the rules' refusals leave as problems. The one for a file says the same of a missing one."""
    try:
        yield
    except NotAllowedError as error:
        words = REFUSALS[error.reason]
        raise Problem(403, error.reason.value, words.en, words.zh) from None
    except NoSuchCustomerError:
        raise Problem(404, "no_such_customer", "there is no such customer", "没有这个客户") from None
    except InTheFutureError as error:
        raise Problem(422, "in_the_future", f"{error} has not come yet", f"{error} 是未来的时间") from None
