"""The report as one page: no script, nothing from elsewhere, small whatever the data are.

Data reach the template as `sanitise.Span` runs and are autoescaped; a second net (`finalize`)
shows the invisible characters of every string that is printed in any other way. Texts, lists
and finally the page itself are capped, and the page says what it left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from poisonscan.findings.meaning import EVIDENCE_MEANING
from poisonscan.findings.model import Finding, ScanResult
from poisonscan.report.sanitise import for_html, spans
from poisonscan.report.summary import Summary, summarise
from poisonscan.report.versions import TOOL, tool_version
from poisonscan.report.wording import (
    NO_TARGET,
    NO_TRIGGER,
    cross_table,
    format_number,
    list_rates,
    list_unreadable,
)

if TYPE_CHECKING:
    from jinja2 import Environment

T = TypeVar("T")

#: Findings listed in the table, and bytes that their detailed cards may take together.
MAX_LISTED = 200
MAX_CARD_BYTES = 2_000_000

_TEMPLATES = Path(__file__).with_name("templates")


def render_page(result: ScanResult) -> str:
    """Return the page: a pure function of `result`, pure HTML, encodable as UTF-8."""
    environment = _environment()
    listed = result.findings[:MAX_LISTED]
    cards = _render_cards(environment, listed)
    summary = summarise(result)
    return environment.get_template("report.html.j2").render(
        tool=f"{TOOL} {tool_version()}",
        summary=summary,
        tone=_tone(summary),
        findings=listed,
        findings_left_out=len(result.findings) - len(listed),
        cards=cards,
        cards_left_out=len(result.findings) - len(cards),
        coverage=result.coverage,
    )


def _render_cards(environment: Environment, findings: Iterable[Finding]) -> list[str]:
    """Return the cards of the first findings, as many as the page has room for."""
    from markupsafe import Markup

    template = environment.get_template("finding.html.j2")
    room = MAX_CARD_BYTES
    cards: list[str] = []
    for number, finding in enumerate(findings, 1):
        card = template.render(finding=finding, number=number)
        room -= len(card.encode("utf-8"))
        if room < 0:
            break
        cards.append(Markup(card))  # rendered by the autoescaping template above
    return cards


def _tone(summary: Summary) -> str:
    """Return the severity that colours the head of the page."""
    worst = next((severity for severity, count in summary.findings.items() if count), "none")
    return "medium" if not summary.is_complete and worst in ("low", "none") else worst


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "spans": spans,
        "take": _take,
        "meaning": EVIDENCE_MEANING,
        "cross_table": cross_table,
        "list_rates": list_rates,
        "list_unreadable": list_unreadable,
        "no_trigger": NO_TRIGGER,
        "no_target": NO_TARGET,
    }
    environment.filters |= {"number": format_number, "thousands": _thousands, "percent": _percent}
    return environment


def _finalize(value: object) -> object:
    from markupsafe import Markup

    return for_html(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _take(items: Iterable[T], count: int) -> list[T]:
    return list(islice(items, count))


def _thousands(count: int) -> str:
    return f"{count:,}"


def _percent(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"
