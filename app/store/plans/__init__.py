"""Questions about plans that belong to a clinic rather than to one patient."""
