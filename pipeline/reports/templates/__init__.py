"""Templates of the reports, and how the shipped document template is made from its text."""
