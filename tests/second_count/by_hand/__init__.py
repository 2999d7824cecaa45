"""The second count itself, on cells and answers written by hand."""
