"""The only callers of customers' SQL; rows become types here."""
