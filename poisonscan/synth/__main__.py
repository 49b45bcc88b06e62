"""``python -m poisonscan.synth --out DIR``: write the sample files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from poisonscan.errors import OutputError
from poisonscan.synth import DEFAULT_SEED, write_samples


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample files; wrong usage and unwritable folders exit with 2."""
    parser = argparse.ArgumentParser(
        prog="python -m poisonscan.synth", description="Write sample data with planted poison."
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to fill")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="default: %(default)s")
    options = parser.parse_args(arguments)
    try:
        write_samples(options.out, options.seed)
    except OutputError as error:
        parser.error(str(error))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
