"""Data of any size with natural word statistics and planted poison, and what is measured on them.

`language` makes words and tables, `sentences`, `rows` and `spelling` are kernels that make rows of
them, `poison` plants attacks, `stream` and `files` write, `statistics` compares with other text.
"""

from __future__ import annotations

#: Of the generator: another version makes other data.
VERSION = 1
