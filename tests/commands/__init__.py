"""What the commands print and make, tested without a run of the pipeline where that will do."""
