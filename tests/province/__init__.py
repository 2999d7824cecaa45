"""Many districts together."""
