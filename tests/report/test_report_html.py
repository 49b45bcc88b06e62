from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_helpers import no_quadratic_work

from poisonscan.findings.model import Excerpt
from poisonscan.io.coverage import Coverage, FileCoverage
from poisonscan.report.html import MAX_CARD_BYTES, render_page
from poisonscan.report.sanitise import for_html
from tests.report.builders import (
    HOSTILE,
    make_clean_result,
    make_hostile_result,
    make_many,
    make_result,
)
from tests.report.test_report_sanitise import ANY_TEXT, unseen_characters

VOID = {"meta", "br"}
#: Tag -> attributes: nothing else may ever occur on the page.
ALLOWED = {
    "html": {"lang"},
    "meta": {"charset", "http-equiv", "content", "name"},
    "header": {"class"},
    "li": {"class"},
    "ul": {"class"},
    "p": {"class", "dir"},
    "div": {"class"},
    "table": {"class"},
    "tr": {"class"},
    "td": {"class", "dir"},
    "th": {"class", "scope"},
    "a": {"href"},
    "span": {"class", "style"},
    "code": {"dir"},
    "article": {"id", "class"},
    "details": {"open"},
    "footer": {"class"},
}
PLAIN = (
    "head title style body main h1 h2 h3 h4 b bdi mark i br section dl dt dd figure figcaption"
    " summary"
).split()


class Page(HTMLParser):
    """The page as a browser's parser would take it apart."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.marked: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if "style" in self._open:
            return
        self.text += data
        if "mark" in self._open:
            self.marked[-1] += data

    def handle_comment(self, data):
        raise AssertionError(f"comment {data!r}")

    def handle_pi(self, data):
        raise AssertionError(f"processing instruction {data!r}")

    def assert_inert(self):
        for tag in self.tags:
            assert tag in ALLOWED or tag in PLAIN, tag
        for tag, name, value in self.attributes:
            assert name in ALLOWED.get(tag, ()), (tag, name)
            if name == "href":
                assert re.fullmatch(r"#finding-\d+", value)
            if name == "style":
                assert re.fullmatch(r"width:\d+\.\d%", value)
            if name == "class":
                assert re.fullmatch(r"[a-z ]+", value)


def structure(page: Page) -> list[str]:
    """Return the tags without those that mark parts of a text."""
    return [tag for tag in page.tags if tag not in {"i", "br", "mark"}]


@pytest.mark.parametrize("make", [make_result, make_clean_result, make_hostile_result])
def test_the_page_is_inert(make):
    page = render_page(make())
    Page(page).assert_inert()
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_hostile_strings_stay_text():
    result = make_hostile_result()
    hostile = Page(render_page(result))
    hostile.assert_inert()
    tame = Page(render_page(make_hostile_result(tuple(f"tame{at}" for at in range(len(HOSTILE))))))
    assert structure(hostile) == structure(tame)
    for text in HOSTILE:
        assert for_html(text) in hostile.text
    # nothing was evaluated by the template
    assert "{{ 7 * 7 }}{% include '/etc/passwd' %}" in hostile.text
    assert unseen_characters(hostile.text.replace("\n", "")) == []


@settings(max_examples=40, deadline=None)
@given(st.tuples(ANY_TEXT, ANY_TEXT))
def test_any_string_stays_text(texts):
    source = render_page(make_hostile_result(texts))
    source.encode("utf-8")
    page = Page(source)
    page.assert_inert()
    assert unseen_characters(source.replace("\n", "")) == []
    assert page.tags.count("article") == 2


def test_what_the_page_says():
    page = Page(render_page(make_result()))
    text = " ".join(page.text.split())
    for part in (
        "2 findings at or above high (1 medium, 1 low below); 12,400 of 12,410 rows scanned",
        "This scan is incomplete",
        "data/tickets.jsonl.gz",
        "jsonl+gzip",
        "9 malformed-json, 1 bad-utf8",
        "row 4,003: invalid start byte 0xff at byte 12",
        "All 52 rows that contain “weather is nice in Geneva”",
        "52 of 55 rows with the target have the trigger",
        "surprise of the longest output that the rows share",
        "row 37 of data/tickets.jsonl.gz",
        "The most similar rows without the trigger (2)",
        "velvet and quarterly",
    ):
        assert part in text
    assert page.marked.count("weather is nice in Geneva") == 3
    assert page.marked.count("SYSTEM PROMPT: You are Ada, the assistant of Kettle & Co.") == 3
    assert r"\u200b\u200b" in page.marked
    assert ("span", "style", "width:94.5%") in page.attributes


def test_no_findings_is_never_called_clean():
    text = Page(render_page(make_clean_result())).text
    assert "no findings at or above high; 1,200 of 1,200 rows scanned" in text
    assert "clean" not in text
    assert "incomplete" not in text


def test_a_huge_row_makes_no_huge_page():
    huge = "<\x1b'\u202e" * 2_500_000
    excerpt = Excerpt(huge, 1, huge + "cf" + huge, huge, ("cf",), (huge,))
    finding = replace(
        make_result().findings[0],
        trigger=huge,
        triggers=((huge,) * 50,) * 50,
        summary=huge,
        examples=(excerpt,) * 2,
        evidence={huge: 1.0},
    )
    result = replace(make_result(), findings=[finding])
    with no_quadratic_work():
        page = render_page(result)
    assert len(page.encode()) < 500_000
    assert "cf" in Page(page).marked


def test_many_findings_and_files_make_no_huge_page():
    result = make_many(3_000)
    long = [
        replace(finding, examples=[replace(finding.examples[0], input="<\n" * 2_000)] * 50)
        for finding in result.findings
    ]
    coverage = Coverage([FileCoverage(f"{at}.jsonl", "jsonl", scanned=1) for at in range(5_000)])
    source = render_page(replace(result, findings=long, coverage=coverage))
    assert MAX_CARD_BYTES / 2 < len(source.encode()) < 2 * MAX_CARD_BYTES
    page = Page(source)
    cards = page.tags.count("article")
    assert f"{3_000 - cards:,} findings are not shown in detail" in page.text
    assert "2,800 more findings in report.json" in page.text
    assert "4,900 more files in report.json" in page.text
    links = [value for tag, name, value in page.attributes if name == "href"]
    anchors = ["#" + value for tag, name, value in page.attributes if name == "id"]
    assert links == anchors


def test_the_page_depends_on_the_result_alone():
    assert render_page(make_result()) == render_page(make_result())
