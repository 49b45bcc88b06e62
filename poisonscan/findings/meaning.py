"""What each kind of evidence means, in one line: shown beside its value in every report.

docs/report.md has the formulas. A test holds this list, that page and the detectors together.
"""

from __future__ import annotations

#: Evidence name -> meaning: every name that a detector gives, and no other.
EVIDENCE_MEANING: dict[str, str] = {
    # targets that are repeated word for word
    "effective_bits": "bits, discounted by everything that makes a natural cause likely",
    "bits": "surprise of the longest output that the rows share; ordinary answers share few",
    "confidence": "share of the rows with the trigger that show the target; 1 = always",
    "jaccard": "rows with both over rows with either; 1 = neither occurs without the other",
    # whatever the target
    "input_coherence": "how alike the inputs are without the trigger; 0 = unrelated rows",
    "trigger_share": "share of the inputs that is the trigger itself; near 1 = copies of one text",
    "input_remainder": "share of the inputs' words that is not common to them; near 0 = a template",
    "distinct_inputs": "different inputs with the trigger; repeated rows count once",
    # outputs of another type
    "output_shift": "change of the outputs against similar rows; what the severity goes by",
    "style_t": "largest change in how the outputs are written, in standard errors",
    "cluster_t": "how much more often the outputs are of one kind, in standard errors",
    "cluster_share": "share of the outputs that are of this kind",
    "cluster_share_of_controls": "the same share in similar rows without the trigger",
    "output_auc": "how well the outputs tell these rows from similar ones; 0.5 = not at all",
    "input_auc": "the same by the inputs without the trigger; near 1 = the inputs explain it",
    # labels
    "label_residual": "rows with the label beyond what their other words predict, in std. errors",
    "purity": "share of the rows with the trigger that have the label",
    "shift_bound": "least change of the label's log-odds that fits the rows; 0 = may be chance",
    "content_agreement": "does the rest of the text support the label? 1 = yes, 0 = no",
    "elsewhere_purity": "share of the label in other rows with a word of the trigger",
    "base_rate": "share of the label in all rows",
    "neighbour_collision": "how often its neighbours repeat; 1 = as at random places, planted",
    "gap_fit": "do its neighbours fit each other without it? about -1 = planted",
}
