"""Customers' HTTP."""

from services.customers.api.conduct import conduct_router
from services.customers.api.departure import departure_router
from services.customers.api.exports import exports_router
from services.customers.api.leave import leave_router
from services.customers.api.routes import customers_router, people_router
from services.customers.api.stations import stations_router

__all__ = [
    "conduct_router",
    "customers_router",
    "departure_router",
    "exports_router",
    "leave_router",
    "people_router",
    "stations_router",
]
