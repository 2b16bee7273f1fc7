"""Floor 1: drawings as dots, texts as pages. It refuses to know what they are about."""
