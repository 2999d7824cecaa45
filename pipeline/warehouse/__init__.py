"""The facts of a run, the lock, the session and the publication: the only room that opens a database."""
