"""The command ``daijiao``: what it takes, prints and ends with."""
