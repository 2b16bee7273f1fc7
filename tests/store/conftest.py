"""The application's own ways in, for tests of the store that want rows as production makes them."""

from tests.application import app, client, settings

__all__ = ["app", "client", "settings"]
