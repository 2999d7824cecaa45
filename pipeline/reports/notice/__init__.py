"""The lists for the notice boards of villages (公示名单)."""
