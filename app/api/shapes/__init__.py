"""Shapes on the wire that several resources show: an exercise, a decision, a routine look the same wherever they appear."""
