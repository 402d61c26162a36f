"""The rules of a customer's file: what an order, a return, a sample or a visit makes of it, and who may read it."""
