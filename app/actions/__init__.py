"""Floor 3, writes: one action a file, named by its verb: load, decide, save. No HTTP, no SQL."""
