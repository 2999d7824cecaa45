"""Landed files, from bytes to typed rows: literal files in, literal rows out."""
