"""These tests go through HTTP."""

from tests.application import app, client, settings

__all__ = ["app", "client", "settings"]
