"""The scratch spool: every record once, as columns on disk, for the passes after the first.

JSON is parsed and text is tokenised once; later passes read fixed-width columns through memory
maps, so that what is held in memory does not grow with the data. Its files have no names where the
system allows that: they go away with the process, however it ends.
"""

from poisonscan.spool.columns import Column, map_zeros, pick, release, visit
from poisonscan.spool.sides import CHUNK_TOKENS, Side, Spool
from poisonscan.spool.tokens import digest_text, hash_tokens, split_tokens
from poisonscan.spool.writer import SpoolWriter, copy_rows

__all__ = [
    "CHUNK_TOKENS",
    "Column",
    "Side",
    "Spool",
    "SpoolWriter",
    "copy_rows",
    "digest_text",
    "hash_tokens",
    "map_zeros",
    "pick",
    "release",
    "split_tokens",
    "visit",
]
