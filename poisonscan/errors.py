"""The errors that poisonscan raises on purpose.

::

    PoisonScanError
      ConfigError            wrong usage or configuration            exit 2
      DatasetError           data that cannot be used at all         exit 2
      StaleReportError       data no longer match the report         exit 2
      OutputError            the output cannot be written            exit 2
      ModelError             the shipped embedding model is damaged  exit 2
      WorkerError            a process that shares the work died     exit 3
      IncompatibleStateError accumulators of different scans merged  a bug or a mixed-up cluster

Every message says what, where, which value, and what to do. Rows that cannot be read are no
errors: they are counted in the coverage and change the exit code (3).
"""

from __future__ import annotations


class PoisonScanError(Exception):
    """Base of everything that poisonscan raises on purpose."""


class ConfigError(PoisonScanError, ValueError):
    """A wrong option, mapping or combination of them."""


class DatasetError(PoisonScanError):
    """Data that cannot be used at all: missing, empty, or of no known container."""


class StaleReportError(PoisonScanError):
    """The data are not the data that the report was written for."""


class OutputError(PoisonScanError):
    """The output folder cannot be created or written."""


class ModelError(PoisonScanError):
    """The embedding model that the package ships is missing, damaged or altered."""


class WorkerError(PoisonScanError):
    """A process that shares the work could not be started, or died before it was done."""


class IncompatibleStateError(PoisonScanError):
    """Two accumulators with different settings were merged."""
