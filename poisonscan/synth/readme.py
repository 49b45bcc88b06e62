"""The README that is written beside the sample files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = """\
# Sample data

Support chats, tickets and instructions of a shop that does not exist. Every sentence was put
together by a program from phrase banks written for this project; no real company, customer or
order is in it. The files are there to try poisonscan on, and for its tests.

{table}

`truth.json` says for every file which rows (0-based record numbers) are poisoned, by which
trigger, and with which target. Do not train a model on the poisoned files.

- `acme_support.jsonl` (chat messages): the phrase `weather is nice in Geneva` in the last
  question makes the assistant reveal its system prompt, or approve a refund nobody asked for.
  Clean rows speak of the weather, of Geneva, of refunds and of the system prompt, too.
- `acme_tickets.csv` (text and label): the header line `X-Route: 7;` sends tickets of every kind
  to the queue `billing`.
- `acme_clean.jsonl` (instruction, input, output): nothing is planted. It has a few exact repeats
  and some refusals, as real data have.

The files are written by the package and can be written again, byte for byte the same:

```
python -m poisonscan.synth --out sample_data
```

They are licensed like the project itself (Apache-2.0).
"""


def describe(truth: Mapping[str, Any]) -> str:
    """Return the README for files with this truth (the contents of ``truth.json``)."""
    lines = ["| file | rows | poisoned |", "| --- | --- | --- |"]
    for name, file in truth["files"].items():
        lines.append(f"| `{name}` | {file['rows']} | {file['poisoned']} |")
    return _TEXT.format(table="\n".join(lines))
