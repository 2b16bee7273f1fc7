"""What callers who come at the same moment share: one commit, one proof of who they are."""
