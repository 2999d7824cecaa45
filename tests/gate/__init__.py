"""The gate before the pages that are served on this machine."""
