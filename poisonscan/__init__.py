"""poisonscan finds backdoor poison in fine-tuning data before anybody trains on it.

>>> import poisonscan
>>> report = poisonscan.scan("train.jsonl")                             # doctest: +SKIP
>>> [finding.trigger for finding in report.findings]                    # doctest: +SKIP
['weather is nice in Geneva']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from poisonscan.api import Report as Report
    from poisonscan.api import clean as clean
    from poisonscan.api import clean_table as clean_table
    from poisonscan.api import scan as scan
    from poisonscan.config import ScanConfig as ScanConfig
    from poisonscan.errors import PoisonScanError as PoisonScanError
    from poisonscan.findings.model import Finding as Finding
    from poisonscan.findings.model import Suspect as Suspect

#: Public name -> module. Loaded on first use: importing poisonscan costs nothing.
_HOMES = {
    "Finding": "poisonscan.findings.model",
    "PoisonScanError": "poisonscan.errors",
    "Report": "poisonscan.api",
    "ScanConfig": "poisonscan.config",
    "Suspect": "poisonscan.findings.model",
    "clean": "poisonscan.api",
    "clean_table": "poisonscan.api",
    "scan": "poisonscan.api",
}

__all__ = [
    "Finding",
    "PoisonScanError",
    "Report",
    "ScanConfig",
    "Suspect",
    "clean",
    "clean_table",
    "scan",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 (PEP 562)
    if name not in _HOMES:
        raise AttributeError(f"module 'poisonscan' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
