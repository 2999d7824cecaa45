"""One person's line of time, and what changed between two days: on a world of five people."""
