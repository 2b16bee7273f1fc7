"""Floor 4, HTML: pages for people who have no app at hand."""
