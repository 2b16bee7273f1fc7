"""The document for client developers: how it is made, what its words mean, its examples, and the page that shows it."""
