"""The archive's rules: how entries are chained and verified, what an event leaves in the chain, what a breach costs."""
