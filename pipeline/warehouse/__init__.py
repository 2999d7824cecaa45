"""A district's database: built, published, proven, and read by everybody else.

- what a refresh is about, where, and how much memory it takes: ``run``, ``folder``, ``lock``, ``memory``
- building: ``opening``, ``session``, ``versions``, ``reference``, ``engine``, ``engine_duckdb``, ``engine_spark``, ``spark_sql``,
  ``store``
- publishing: ``publication``, ``published_tables``, ``outbound``, ``open_file``, ``disclosure``, ``continuity``, ``proof``
- reading a file, and one that can't be used: ``reading``, ``damage``
"""
