"""Keeping the installation well: watching, logs, clean-up, backup."""
