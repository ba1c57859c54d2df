"""Who may come in, and as whom: accounts, workspaces, and every way of signing in."""
