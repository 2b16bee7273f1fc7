"""The library as a clinic sees it: what it signed off, what it hides, and what is its own."""
