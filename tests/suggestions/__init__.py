"""Suggestions: who is most probably meant by a line or row that matches nobody."""
