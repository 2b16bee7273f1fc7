"""What a plan states, held against what others ask of a report about it."""
