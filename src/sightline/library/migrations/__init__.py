"""How the tables came to be, step by step. Run by `sightline.library.migrate`."""
