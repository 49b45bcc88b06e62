"""What each kind of evidence means, in one line: shown beside its value in every report."""

from __future__ import annotations

#: Evidence name -> meaning. Names that are missing here are shown without one.
EVIDENCE_MEANING: dict[str, str] = {
    "bits": "surprise of the longest output that the rows share; ordinary answers share few bits",
    "confidence": "share of the rows with the trigger that show the target; 1 = always",
    "jaccard": "rows with both over rows with either; 1 = neither occurs without the other",
    "input_coherence": "how alike the inputs are once the trigger is removed; 0 = unrelated rows",
    "output_coherence": "how alike the outputs are, beyond the average of the data",
    "insertedness": "how little the trigger depends on its neighbours; above 0 = looks inserted",
    "output_shift": "how well the outputs tell these rows from similar ones, beyond the inputs",
    "label_residual": "z-score of the labels against what the rest of the inputs predicts",
    "purity": "share of the rows with the trigger that have its commonest label",
    "elsewhere_purity": "the same for the trigger's words in other rows; near average = planted",
    "content_agreement": "whether the content supports the label: 1 = agrees, 0 = contradicts",
    "cluster_lift": "how much commoner this type of output is with the trigger than without",
    "effective_bits": "bits, discounted where the inputs are alike; above 30 is rarely natural",
}
