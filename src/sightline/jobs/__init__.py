"""Jobs: rows that say what is to be done, and the dispatcher that sees to it."""
