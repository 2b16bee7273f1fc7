"""Floor 2: the only floor that speaks SQL. Takes ids, returns domain values."""
