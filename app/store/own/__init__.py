"""What a clinic says about the content, and content of its own."""
