"""Floor 0: what rehabilitation means here. Standard library only; no I/O, no clock, no randomness."""
