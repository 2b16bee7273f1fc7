"""What an operator types: `rung ...`. Thin, over the store, the actions and the content."""

from app.cli.commands import app

__all__ = ["app"]
