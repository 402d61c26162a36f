"""Customers' HTTP."""

from services.customers.api.leave import leave_router
from services.customers.api.routes import customers_router, people_router
from services.customers.api.stations import stations_router

__all__ = ["customers_router", "leave_router", "people_router", "stations_router"]
