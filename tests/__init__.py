"""The tests. Folders follow the floors; `house/` holds the rules about the code itself."""
