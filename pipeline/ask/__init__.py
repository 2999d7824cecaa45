"""Questions about what was built: one person's year, and why figures changed."""
