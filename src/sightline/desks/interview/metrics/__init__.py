"""The metrics of the interview desk, a family a file."""
