"""Shapes on the wire that several resources show: an exercise or a decision looks the same wherever it appears."""
