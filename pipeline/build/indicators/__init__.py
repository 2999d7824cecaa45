"""The indicators of the self-evaluation: the template's and their scores."""
