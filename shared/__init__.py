"""What every service needs and none owns: contracts, the batch engine, policy, identity, clock, logs, metrics."""
