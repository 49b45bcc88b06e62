"""Candidates get evidence: numbers that separate planted strings from natural ones.

Counts were made for every row; evidence is computed for candidates only. Each module measures
one thing and says in its docstring what natural data look like on it.
"""
