"""Faults that are put into the job one at a time, and what must stop each of them."""
