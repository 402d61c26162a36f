"""Archive: the chain of who did what to which file, fines from evidence, and who was granted what."""
