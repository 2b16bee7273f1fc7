"""Floor 4, HTTP: one file a resource, holding its URL, its wire models and its routes. No SQL and no rule."""
