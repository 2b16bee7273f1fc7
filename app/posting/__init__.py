"""How something leaves this server for an address that somebody else chose."""
