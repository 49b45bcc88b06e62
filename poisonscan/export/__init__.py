"""Verdicts become data: cleaned copies without the flagged rows, and what was taken out.

Nothing is decided here. What a scan flagged is removed, what it could not read is not kept, and
everything else stays as it was, byte for byte.
"""

from poisonscan.export.cleaning import clean as clean
from poisonscan.export.summary import CleanedFile as CleanedFile
from poisonscan.export.summary import CleanSummary as CleanSummary
from poisonscan.export.tables import clean_table as clean_table

__all__ = ["CleanSummary", "CleanedFile", "clean", "clean_table"]
