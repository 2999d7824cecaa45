"""What the data is: a folder a schema, a file a table, its contract beside its SQL."""
