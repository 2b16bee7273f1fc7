"""Floor 3, reads that need more than one question: load, follow, shape. No HTTP, no SQL, no writing."""
