"""The `tierline` command."""

from deploy.cli.app import main

__all__ = ["main"]
