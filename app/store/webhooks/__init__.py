"""Webhooks: whom a clinic wants told (`endpoints`), and what there is to tell them (`outbox`)."""
