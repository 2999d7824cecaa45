"""What the documents say is so: paths, commands, tables, rooms, how to add a thing."""
