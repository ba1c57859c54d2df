"""The version of this program, stamped into everything it writes."""

VERSION = "0.1.0"
