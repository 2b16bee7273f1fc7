"""What an operator types: `rung ...`. Thin, over the store, the actions and the content."""

import gc

# What is imported stays. Looking for garbage among it again and again takes a quarter of a start, so none is looked for
# meanwhile, and never among it.
gc.disable()

from app.cli.commands import app  # noqa: E402 - after what is set for it

gc.freeze()
gc.enable()

__all__ = ["app"]
