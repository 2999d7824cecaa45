"""Each figure of a written report against the published tables."""
