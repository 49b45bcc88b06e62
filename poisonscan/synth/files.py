"""Writing the sample files, byte for byte the same wherever it is done."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from poisonscan.errors import OutputError
from poisonscan.synth.clean import make_clean
from poisonscan.synth.dice import Dice
from poisonscan.synth.readme import describe
from poisonscan.synth.support import make_support
from poisonscan.synth.tickets import COLUMNS, make_tickets

DEFAULT_SEED = 20_240_117


def write_samples(folder: Path, seed: int = DEFAULT_SEED) -> None:
    """Write the sample files, their truth and their README.

    Parameters
    ----------
    folder
        Created if it does not exist; files of the same names are replaced.
    seed
        The same seed gives the same bytes on every machine.

    Raises
    ------
    OutputError
        The folder cannot be created or written.

    Examples
    --------
    >>> write_samples(Path("sample_data"))  # doctest: +SKIP
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in sample_texts(seed).items():
            (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise OutputError(f"cannot write the sample files to {str(folder)!r}: {error}") from error


def sample_texts(seed: int) -> dict[str, str]:
    """Return name -> text of every sample file."""
    # one source of chance per file: changing one leaves the others as they were
    support, support_truth = make_support(Dice(seed))
    tickets, tickets_truth = make_tickets(Dice(seed + 1))
    clean, clean_truth = make_clean(Dice(seed + 2))
    truth = {
        "seed": seed,
        "files": {
            "acme_support.jsonl": support_truth.to_dict(),
            "acme_tickets.csv": tickets_truth.to_dict(),
            "acme_clean.jsonl": clean_truth.to_dict(),
        },
    }
    return {
        "acme_support.jsonl": _jsonl(support),
        "acme_tickets.csv": _csv(COLUMNS, tickets),
        "acme_clean.jsonl": _jsonl(clean),
        "truth.json": json.dumps(truth, indent=1, ensure_ascii=False) + "\n",
        "README.md": describe(truth),
    }


def _jsonl(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()
