"""What a clinic says about the content: signed off, hidden, content of its own."""
