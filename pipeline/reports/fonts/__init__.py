"""The font of the reports, its licence, and how it was made."""
