"""What only commands do to a database: found a clinic, migrate, copy, back up, ask what a role may."""
