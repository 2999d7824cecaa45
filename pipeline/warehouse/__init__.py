"""A district's database: the facts of a run, lock, engine and store, session, publication and proof, and reading a file."""
