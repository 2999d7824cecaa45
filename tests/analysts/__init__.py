"""The questions of docs/analysts.md, run on a published sample."""
