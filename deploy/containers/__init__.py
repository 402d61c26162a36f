"""What Docker Compose runs once: secrets, databases and migrations, topics and access rights."""
