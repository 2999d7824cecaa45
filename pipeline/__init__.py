"""How daijiao runs: landing, warehouse, tables, checks, automation, reports and commands.

What the data is stands in ``assets``; this package holds the machinery that builds it.
"""
