"""New products over HTTP: announced once, and how far the news has come (F6)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from services.followup.api.doors import Paging, told
from services.followup.ports.products import Product, Progress
from services.followup.usecases.products import AnnounceProduct
from shared.contracts.types import Identifier, Words
from shared.contracts.types import Text as AnyText
from shared.http import Page, Principal, require
from shared.roles import Role
from shared.words import Text

Announcer = Annotated[Principal, Depends(require(Role.GM, Role.DEPUTY_GM, Role.MARKETING_DIRECTOR))]
Reader = Annotated[
    Principal,
    Depends(require(Role.REP, Role.DEPARTMENT_MANAGER, Role.MARKETING_DIRECTOR, Role.DEPUTY_GM, Role.GM, Role.OPS)),
]

# Before the newest product of all.
NEWEST = 2**62

Name = Annotated[AnyText, Field(min_length=1, max_length=200)]


class ProductName(BaseModel):
    """What the product is called in both languages."""

    zh: Name
    en: Name


class Announcement(BaseModel):
    """A new product, by an id that is used once."""

    product_id: Identifier
    name: ProductName


class AnnouncedProduct(BaseModel):
    """A product that customers hear of within so many days of its announcement."""

    product_id: str
    name: Words
    announced_on: date
    within_days: int
    announced_by: str
    announced_at: datetime


class ProductItem(AnnouncedProduct):
    """`planned` once every potential customer has a day to hear of it; `reminded` counts those whose day has come."""

    number: int
    planned: bool
    reminded: int


def products_router(announce_product: AnnounceProduct) -> APIRouter:
    """New products: the leaders announce them, everybody may know."""
    router = APIRouter(tags=["products"])

    @router.post("/products", status_code=202)
    async def announce(who: Announcer, announcement: Announcement) -> AnnouncedProduct:
        """发布新品，提醒业务员推荐给潜力客户。Announce a product: potential customers' reps are reminded of it (F6)."""
        name = Text(zh=announcement.name.zh, en=announcement.name.en)
        with told():
            product = await announce_product(who, announcement.product_id, name)
        return announced(product)

    @router.get("/products")
    async def list_products(_: Reader, page: Paging) -> Page[ProductItem]:
        """已发布的新品及推荐进度。What was announced, the newest first, and how far the news has come."""
        position = page.expect(int)
        found = await announce_product.page(NEWEST if position is None else int(position[0]), page.limit)
        return page.of([product_item(*each) for each in found], lambda item: (item.number,))

    return router


def announced(product: Product) -> AnnouncedProduct:
    name = Words(zh=product.name.zh, en=product.name.en)
    return AnnouncedProduct(**(product._asdict() | {"name": name}))


def product_item(number: int, progress: Progress) -> ProductItem:
    known = announced(progress.product).model_dump()
    return ProductItem(**known, number=number, planned=progress.planned, reminded=progress.reminded)
