"""Who may come in: signing in, redeeming an invitation, and the life of the tokens that both give."""
