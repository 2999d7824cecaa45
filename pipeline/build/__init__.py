"""Building one year: the landed files into ``raw``, then each table by its SQL or its Python."""
