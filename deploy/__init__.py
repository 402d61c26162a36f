"""What runs Tierline: the local stack, the `tierline` command, and the containers."""
