"""What was done, in the form in which a clinic counts it."""
