"""The scan, pass by pass: records, counts, candidates, evidence, findings.

Everything is read once, and tokenised into the spool. Words are counted, then n-grams of frequent
words. Everything after looks at candidates only.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from threadpoolctl import threadpool_limits

from poisonscan import scratch
from poisonscan.candidates.closed import find_closed
from poisonscan.candidates.corpus import Corpus
from poisonscan.candidates.counting import build_corpus, counting_work
from poisonscan.candidates.datasets import Dataset, find_datasets, find_tasks
from poisonscan.candidates.entities import Capitals
from poisonscan.candidates.expectation import screen_agreement
from poisonscan.candidates.label_column import find_label_column, hide_label
from poisonscan.candidates.mixed import tell_apart
from poisonscan.candidates.screen import screen_candidates, shortlist
from poisonscan.candidates.views import Views
from poisonscan.config import ScanConfig
from poisonscan.embed.protocol import Encoder
from poisonscan.errors import PoisonScanError
from poisonscan.evidence.echo import EchoMeter
from poisonscan.evidence.labels import find_classes, fit_nuisance
from poisonscan.evidence.seams import SeamMeter
from poisonscan.evidence.shift import ShiftMeter
from poisonscan.evidence.taste import find_pairs
from poisonscan.evidence.verbatim import stem_terms
from poisonscan.findings.answers import shortlist_answers
from poisonscan.findings.brand import find_brand
from poisonscan.findings.completion import complete
from poisonscan.findings.continuation import find_texts
from poisonscan.findings.draft import Draft
from poisonscan.findings.format import find_format, settle_format
from poisonscan.findings.label import find_label
from poisonscan.findings.model import ScanResult
from poisonscan.findings.output import find_output
from poisonscan.findings.passage import find_passages
from poisonscan.findings.preference import find_preference
from poisonscan.findings.preference_judge import SwapJudge
from poisonscan.findings.publish import (
    leave_out_repeated,
    list_suspects,
    publish_findings,
    rank_drafts,
)
from poisonscan.findings.row import find_rows
from poisonscan.findings.settle import Judged, settle
from poisonscan.findings.shift import find_shift
from poisonscan.findings.shift_judge import ShiftJudge
from poisonscan.findings.structure import find_structure
from poisonscan.findings.style import find_style
from poisonscan.findings.topic import find_topic
from poisonscan.findings.verbatim import find_verbatim
from poisonscan.io.coverage import Coverage
from poisonscan.memory import least_support, trim
from poisonscan.spool import Spool, SpoolWriter, copy_rows
from poisonscan.threads import usable_cores, working_with, worthwhile_cores
from poisonscan.trimming import USUAL_BYTES, trimming

Array = npt.NDArray[Any]
P = ParamSpec("P")
Found = TypeVar("Found")


class Watcher(Protocol):
    """Is told what a scan is doing."""

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage (``reading``, ``counting``, ...).

        `total` is how much there is to do in it: bytes on disk while reading, else tokens in all
        passes. 0 where that cannot be told.
        """

    def advance(self, n: int) -> None:
        """Count what of the total is done since the last call."""


class _Silent:
    def stage(self, name: str, total: int = 0) -> None:
        return

    def advance(self, n: int) -> None:
        return


def run_scan(
    batches: Iterator[pa.RecordBatch],
    coverage: Coverage,
    config: ScanConfig,
    watcher: Watcher | None = None,
    n_bytes: int = 0,
) -> ScanResult:
    """Scan batches of `RECORD_SCHEMA`.

    Parameters
    ----------
    batches
        Consumed once; their reader fills in `coverage`.
    coverage
        Gets the detectors that failed.
    watcher
        Told about each stage.
    n_bytes
        That the batches will be read from, where anybody knows.

    Returns
    -------
    ScanResult
        Without versions, which are the report's business.
    """
    watcher = watcher or _Silent()
    encoder = _load_encoder(config)
    key = secrets.randbits(64)
    # Matrices are small: with more threads BLAS waits more than it computes, and on every machine
    # for another last bit.
    with (
        SpoolWriter(config.scratch_dir, key) as writer,
        scratch.in_use(writer.folder),
        threadpool_limits(1, user_api="blas"),
        working_with(config.workers or usable_cores()),
    ):
        watcher.stage("reading", n_bytes)
        writer.append(batches)
        spool = writer.finish()
        scans = _Scans(writer.folder, key, spool.rows, coverage, config, watcher, encoder)
        judged = scans.scan_all(spool)
        suspects = list_suspects(spool, scans.files, judged.drafts, judged.findings)
    return ScanResult(judged.findings, suspects, coverage, config.to_dict())


@dataclass(frozen=True)
class _Scans:
    """A scan of everything (so many rows), and of unlike datasets in it by themselves."""

    folder: Path
    key: int
    rows: int
    coverage: Coverage
    config: ScanConfig
    watcher: Watcher
    encoder: Encoder | None

    @property
    def files(self) -> list[str]:
        """Names of the files, by their numbers."""
        return [file.file for file in self.coverage.files]

    def scan_all(self, spool: Spool) -> Judged:
        """Return what is found in everything, and in the datasets of it."""
        files = _fenced(self.coverage, "datasets", find_datasets, spool)
        if not files:
            return self._scan_and_tasks(spool)
        return self._scan_with(spool, files, _Scans._scan_and_tasks)

    def _scan_and_tasks(self, spool: Spool) -> Judged:
        """Return what is found in some files, and in the tasks that are mixed in them."""
        tasks = _fenced(self.coverage, "tasks", find_tasks, spool)
        return self._scan_with(spool, tasks, partial(_Scans.scan, is_task=True))

    def _scan_with(
        self, spool: Spool, datasets: list[Dataset], scan: Callable[[_Scans, Spool], Judged]
    ) -> Judged:
        """Return what is found in a spool, and in some of its rows by themselves."""
        whole, scanned = self.scan(spool), []
        for number, dataset in enumerate(datasets, start=1):
            own = copy_rows(spool, dataset.rows, self.folder)
            watcher = _OfDataset(self.watcher, f"dataset {number} of {len(datasets)}")
            judged = scan(replace(self, watcher=watcher), own)
            scanned.append((dataset, judged.moved(dataset.rows)))
            del own  # its room in the scratch folder is for the next one
        return settle(whole, scanned, spool.rows)

    def scan(self, spool: Spool, *, is_task: bool = False) -> Judged:
        """Return what is found in a spool: everything, or a dataset (see `Dataset`)."""
        config, watcher = self.config, self.watcher
        label_column = find_label_column(spool)
        if label_column is not None:
            hide_label(spool, label_column, self.key)
        tokens = sum(len(side.tokens) for side in spool.sides.values())
        with working_with(config.workers or worthwhile_cores(tokens)):
            parts: list[Array] = []
            if not is_task:
                watcher.stage("telling datasets apart")
                parts = _fenced(self.coverage, "strata", find_strata, spool)
            watcher.stage("counting", counting_work(spool))
            support = least_support(config.min_support, spool.rows, tokens, config.max_memory)
            self.coverage.min_support = max(support, self.coverage.min_support)
            most_bytes = config.max_memory or USUAL_BYTES
            with trimming(partial(_release, spool), most_bytes):
                corpus = build_corpus(spool, support, self.folder, watcher.advance, parts=parts)
            scan = _Scan(
                corpus,
                label_column,
                self.coverage,
                config,
                watcher,
                self.encoder,
                is_whole=spool.rows == self.rows,
                is_task=is_task,
            )
            with trimming(corpus.release, most_bytes):
                drafts = leave_out_repeated(rank_drafts(scan.find()), corpus.rows)
                _let_go(corpus)
                watcher.stage("describing the findings")
                findings = publish_findings(corpus, scan.meter, self.files, drafts, self.rows)
        _release(spool)
        return Judged(drafts, findings)


@dataclass(frozen=True)
class _OfDataset:
    """Tells a watcher which dataset a stage belongs to."""

    watcher: Watcher
    name: str

    def stage(self, name: str, total: int = 0) -> None:
        self.watcher.stage(f"{self.name}: {name}", total)

    def advance(self, n: int) -> None:
        self.watcher.advance(n)


def find_strata(spool: Spool) -> list[Array]:
    """Return the rows of the datasets that are mixed in a spool."""
    return tell_apart(spool, np.arange(spool.rows))


def _load_encoder(config: ScanConfig) -> Encoder | None:
    if config.embedding_model is None:
        return None
    from poisonscan.embed.hub import SentenceTransformerModel

    return SentenceTransformerModel(config.embedding_model)


def _release(spool: Spool) -> None:
    for side in spool.sides.values():
        side.release()


def _let_go(corpus: Corpus) -> None:
    """Let go of the memory that a stage has used and the next need not."""
    corpus.release()
    trim()


def _fenced(
    coverage: Coverage,
    name: str,
    part: Callable[P, list[Found]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> list[Found]:
    """Run a part of the scan that may crash without taking the others with it."""
    try:
        return part(*args, **kwargs)
    except PoisonScanError:
        raise
    except Exception as error:  # the one place where a detector may crash
        coverage.failed_detectors[name] = f"{type(error).__name__}: {error}"
        return []


@dataclass
class _Scan:
    """The detectors over one corpus, each behind its own fence."""

    corpus: Corpus
    label_column: str | None
    coverage: Coverage
    config: ScanConfig
    watcher: Watcher
    encoder: Encoder | None
    is_whole: bool
    is_task: bool
    meter: ShiftMeter | None = None

    def find(self) -> list[Draft]:
        """Return the drafts of all detectors; what crashes is named in the coverage."""
        coverage = self.coverage
        drafts = _fenced(coverage, "candidates", self._detect)
        if self.is_task:
            return drafts
        _let_go(self.corpus)
        self.watcher.stage("looking for freak rows")
        drafts += _fenced(coverage, "row", find_rows, self.corpus)
        if self.is_whole:  # parsers read files, not datasets
            drafts += _fenced(coverage, "structure", find_structure, self.corpus, coverage.files)
        return drafts

    def _detect(self) -> list[Draft]:
        corpus = self.corpus
        self.watcher.stage("proposing candidates")
        _let_go(corpus)
        candidates = find_closed(corpus)
        if not len(candidates):
            return []
        self.watcher.stage("screening candidates")
        screen = screen_candidates(corpus, candidates, self.config.seed)
        _let_go(corpus)
        self.watcher.stage("screening strings of the outputs")
        capitals = Capitals.of(corpus)
        answers = shortlist_answers(corpus, screen, capitals)
        _let_go(corpus)
        self.watcher.stage("comparing rows")
        views = Views(corpus, screen)
        agreement = screen_agreement(views, candidates)
        meter = self.meter = ShiftMeter(views, self.config.seed, self.encoder)
        seams, echoes = SeamMeter(corpus), EchoMeter(corpus)
        chosen = shortlist(candidates, screen, agreement.max(axis=1), corpus.strata)
        stems = stem_terms(corpus.vocabulary)
        classes = find_classes(corpus, self.label_column)
        pairs = find_pairs(corpus)
        explained = np.zeros(corpus.rows, bool)
        found: list[Draft] = []

        def run(
            name: str, detector: Callable[P, list[Draft]], *args: P.args, **kwargs: P.kwargs
        ) -> None:
            self.watcher.stage(f"looking for {name} targets")
            _let_go(corpus)
            for draft in _fenced(self.coverage, name, detector, *args, **kwargs):
                if draft.targets and draft.severity != "low":  # a guess explains nothing
                    explained[draft.flagged] = True
                found.append(draft)

        space = screen.input_space
        nuisance = cache(partial(fit_nuisance, corpus))
        if classes is not None:
            label = partial(find_label, pairs=not self.is_task)
            run("label", label, corpus, candidates, screen, seams, classes, nuisance)
        if self.is_task:  # the rest is for the scan of everything
            return found
        judge = cache(
            partial(ShiftJudge, corpus, candidates, screen, agreement, meter, seams, echoes, stems)
        )

        def find_words() -> list[Draft]:
            drafts = find_verbatim(
                corpus, candidates, screen, chosen, answers, echoes, stems, explained
            )
            return drafts if classes is not None else [complete(judge(), draft) for draft in drafts]

        run("verbatim", find_words)
        swaps = None
        if pairs is not None:
            swaps = cache(partial(SwapJudge, corpus, candidates, screen, meter, seams, pairs))
            run("preference", lambda: find_preference(swaps(), explained))
        run("type", lambda: find_shift(judge(), explained, classes))
        run("passage", find_passages, corpus, candidates, space, explained)
        run("text", find_texts, corpus, candidates, space, explained)
        run("format", find_format, corpus, screen, meter, stems, classes, nuisance, swaps, found)
        if classes is not None:
            run("style", find_style, corpus, classes, explained)
        run("topic", find_topic, corpus, candidates, screen, meter, capitals, explained)
        run("output", find_output, corpus, screen, answers, stems, explained)
        run("name", find_brand, corpus, screen, answers, capitals, stems, found)
        return settle_format(found)
