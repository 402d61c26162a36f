"""K5: the potential of a customer who never ordered, from criteria that can be shown."""
