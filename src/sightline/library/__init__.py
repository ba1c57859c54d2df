"""The library: rows, files and who owns them."""
