"""Every kernel is compiled for one signature, whatever array comes along."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest
from kernel_data import IS_JIT_OFF
from scan_helpers import World, build

from poisonscan import kernels

if IS_JIT_OFF:
    pytest.skip("nothing is compiled", allow_module_level=True)

from numba.core.registry import CPUDispatcher

KERNELS = {
    "bags": {
        "count_different_rows",
        "count_kept_terms",
        "count_texts",
        "sum_kept_vectors",
        "sum_kept_weights",
        "sum_token_weights",
    },
    "beside": {"named"},
    "closed": {"choose_owners", "sum_over_rows"},
    "format": {"_flags_of", "format_flags"},
    "groups": {
        "_least_norm",
        "common_weight",
        "dense_coherence",
        "group_agreement",
        "masked_coherence",
        "row_vectors",
        "sparse_coherence",
        "sparse_units",
        "squared_length",
        "style_features",
        "sum_vectors",
    },
    "joint": {"find_partners"},
    "labels": {"residuals_of_rest"},
    "nearest": {"largest_columns"},
    "ngrams": {
        "extend_each",
        "extend_gram",
        "find_record",
        "find_slot",
        "home_of",
        "insert_keys",
        "lookup",
        "rows_of",
    },
    "phrases": {
        "agreed_term",
        "count_rows_without_stem",
        "grow_phrase",
        "grow_strings",
        "phrase_odds",
        "rarest_gram",
        "term_at",
        "trim_lonely_edges",
    },
    "places": {"count_rare", "detachment"},
    "rows": {
        "copy_rows",
        "count_terms",
        "digest_rows",
        "distinct_terms",
        "fold_each",
        "intersect",
        "logits_without",
        "number_of_row",
        "number_sets",
        "rows_of_terms",
    },
    "starts": {
        "count_ngrams",
        "count_starts",
        "follow_words",
        "is_led",
        "list_starts",
        "mark_starts",
        "part_of",
        "refine",
        "take_part",
        "write_rows",
    },
    "targets": {
        "best_shared_gram",
        "find_phrase",
        "leave_common",
        "starts_in_row",
        "words_at_ends",
    },
    "strata": {"usual_of_groups"},
    "tokens": {"_closes_syllable", "decode", "mix64", "tokenise"},
    "windows": {
        "add_directions",
        "add_switches",
        "count_marks",
        "mark_tokens",
        "shrunk",
        "window_direction",
    },
    "words": {
        "add_gates",
        "cell_of",
        "count_words",
        "first_occurrences",
        "gate_words",
        "insert_records",
        "token_slots",
    },
}


def compiled() -> dict[str, CPUDispatcher]:
    found = {}
    for info in pkgutil.iter_modules(kernels.__path__):
        module = importlib.import_module(f"poisonscan.kernels.{info.name}")
        for name, value in vars(module).items():
            if isinstance(value, CPUDispatcher) and value.py_func.__module__ == module.__name__:
                found[f"{info.name}.{name}"] = value
    return found


def test_list_of_kernels():
    """A new kernel is named here, and gets a naive twin."""
    listed = {f"{module}.{name}" for module, names in KERNELS.items() for name in names}
    assert set(compiled()) == listed


@pytest.fixture(scope="module")
def used():
    """Kernels after a scan's worth of memory maps, Arrow buffers and fresh arrays."""
    from poisonscan.candidates.closed import find_closed
    from poisonscan.candidates.screen import screen_candidates
    from poisonscan.evidence.verbatim import shared_targets, stem_terms

    corpus = build(World(1).rows(120))
    candidates = find_closed(corpus)
    screen_candidates(corpus, candidates, 0)
    rows, _ = candidates.postings(0)
    shared_targets(corpus, rows, len(rows), stem_terms(corpus.vocabulary))
    return compiled()


@pytest.mark.parametrize(
    "name", [f"{m}.{name}" for m, names in KERNELS.items() for name in sorted(names)]
)
def test_one_signature(used, name):
    kernel = used[name]
    assert len(kernel.signatures) == 1
    assert not kernel._can_compile, "a wrong type must fail instead of compiling for seconds"


@pytest.mark.parametrize(
    "name", sorted(f"{m}.{name}" for m, names in KERNELS.items() for name in names)
)
def test_kernels_are_cached_and_free_of_the_gil(used, name):
    options = used[name].targetoptions
    assert options["nogil"]
    assert used[name]._cache.cache_path


def test_arrays_of_another_type_are_refused_and_read_only_ones_are_not():
    from poisonscan.kernels.ngrams import extend_each

    tokens = np.array([1, 2], np.uint64)
    tokens.setflags(write=False)
    grams = np.zeros(2, np.uint64)
    extend_each(tokens, grams)
    assert grams.all()
    with pytest.raises(TypeError, match="No matching definition"):
        extend_each(tokens.astype(np.int32), grams)
    with pytest.raises(TypeError, match="No matching definition"):
        extend_each(tokens, tokens)  # would write into read-only memory
    assert len(extend_each.signatures) == 1
