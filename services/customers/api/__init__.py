"""Customers' HTTP."""

from services.customers.api.routes import customers_router, people_router

__all__ = ["customers_router", "people_router"]
