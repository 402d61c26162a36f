"""The only callers of customers' SQL; rows become types here."""

from shared.engine.queries import load_queries

SQL = load_queries("services.customers")
