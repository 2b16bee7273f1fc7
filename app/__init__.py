"""Rung: the backend of a home-exercise rehab app."""
