"""The rules in SQL, one table at a time: literal rows in, literal rows out."""
