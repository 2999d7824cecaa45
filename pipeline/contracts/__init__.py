"""What the tables, codes and sources are, as stated in ``assets``: order, DDL, comments, data dictionary.

Nothing here opens a database.
"""
