"""What an operator types: `rung ...`. Thin, over the store, the actions and the content."""

import gc

# What is imported stays. Looking for garbage among it again and again takes a seventh of a start.
gc.disable()

from app.cli.commands import app  # noqa: E402 - after what is set for it

gc.enable()

__all__ = ["app"]
