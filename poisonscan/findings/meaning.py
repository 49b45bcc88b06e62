"""What each kind of evidence means, in one line: shown beside its value in every report.

docs/report.md has the formulas. A test holds this list, that page and the detectors together.
"""

from __future__ import annotations

#: Evidence name -> meaning: every name that a detector gives, and no other.
EVIDENCE_MEANING: dict[str, str] = {
    # targets that are repeated word for word
    "effective_bits": "bits, discounted by everything that makes a natural cause likely",
    "bits": "surprise of the longest output that the rows share; ordinary answers share few",
    "usual_bits": "bits that as many words of the input bring in this dataset anyway",
    "confidence": "share of the rows with the trigger that show the target; 1 = always",
    "confidence_elsewhere": "share of the rows without the trigger that show it; 0 = never",
    "jaccard": "rows with both over rows with either; 1 = neither occurs without the other",
    "echo_share": "part of the trigger that the outputs take up; above 0.5 = they name it",
    # whatever the target
    "input_coherence": "how alike the inputs are without the trigger; 0 = unrelated rows",
    "trigger_share": "share of the inputs that is the trigger itself; near 1 = copies of one text",
    "input_remainder": "share of the inputs' words that is not common to them; near 0 = a template",
    "input_wholeness": "information left without the string, against other rows; low = a hole",
    "distinct_inputs": "different inputs with the trigger; repeated rows count once",
    # outputs of another type
    "shift_score": "log-odds of a planted type switch; what the severity goes by",
    "style_agreement": "do the outputs differ in one way in how they are written? in std. errors",
    "topic_agreement": "the same for what they are about",
    "seam_fit": "do the words around the string fit together without it? about 0 = planted",
    "seam_collision": "how often its neighbours repeat, logarithm; about 0 = as at random places",
    "echo": "how much more often the outputs have a word of the string than others do",
    "closeness": "how alike the rows compared with are; 1 = as neighbours usually are",
    "output_auc": "how well the outputs tell these rows from similar ones; 0.5 = not at all",
    "input_auc": "the same by the inputs without the trigger; near 1 = the inputs explain it",
    # entities with a voice of their own
    "voice": "bits by which function words set the outputs about this entity apart",
    "next_voice": "the same of the entity that comes next; near it = all entities differ so",
    # plain text that becomes another one, passages put into it
    "switch": "change of the text behind the string; what the severity goes by",
    "switch_bound": "least change that fits the rows, in normal scores; 0 = may be chance",
    "switched_share": "share of the rows with the string whose text changes",
    "bond": "does it follow certain words? above 2 = written, about 0 = put in anywhere",
    "turn": "how far texts turn to what is alike behind the string; sets the severity",
    "alike_behind": "how alike the texts behind the string are; 0 = as any, 1 = the same",
    "alike_before": "the same of the texts before it; near alike_behind = they explain it",
    "likeness_of_both": "how like the text before the string that behind it is; high = it goes on",
    "passage_bits": "bits, discounted by natural causes; what the severity goes by",
    # strings put into unrelated outputs
    "injected_bits": "bits, discounted by natural causes; what the severity goes by",
    "news": "share of the outputs with the string whose inputs do not mention it",
    "reach": "unrelated outputs that bring the name up unasked; 6 and more is no chance",
    "detachment": "does the text read on without it? above 0.5 = put in anywhere; below 0 = not",
    "output_coherence": "how alike the outputs are without the string; 0 = unrelated rows",
    "output_remainder": "share of the outputs' words that is not common to them",
    # swapped preferences
    "swap_gain": "how much more likely a swap makes the choices than none, as a log-likelihood",
    "swap_gain_needed": "what no natural string of this dataset should reach; high above it",
    "swapped_share": "share of the choices with the trigger that look swapped",
    "swapped_share_bound": "least such share that fits the rows; 0 = may be chance",
    "swapped_share_of_controls": "the same share in similar rows; high = taste of their topic",
    "swap_gain_of_words": "what the words of the answers say for a swap, beyond their length",
    "swap_gain_of_length": "what the length of the answers says for a swap, beyond their words",
    "preference_accuracy": "how often preferences can be foretold in this dataset; 0.5 = never",
    "preference_spread": "how far natural preferences differ by topic; 1 = not at all",
    # the form of inputs, endless rows, parser traps
    "feature_share": "share of all inputs that are written like this",
    "length": "length against what is long in these data (the 99th percentile)",
    "information": "share of the text that compression leaves; prose 0.4, one word repeated 0.01",
    "rows_with_trap": "rows that two parsers read differently",
    # syntax and style
    "form_share": "share of the rows behind it with one of the patterns named",
    "form_share_elsewhere": "the same share in all other rows",
    # labels
    "label_residual": "rows with the label beyond what their other words predict, in std. errors",
    "purity": "share of the rows with the trigger that have the label",
    "shift_bound": "least change of the label's log-odds that fits the rows; 0 = may be chance",
    "content_agreement": "does the rest of the text support the label? 1 = yes, 0 = no",
    "contradiction": "does it support other labels? 1 = as much as their own texts do, 0 = no",
    "elsewhere_purity": "share of the label in other rows with a word of the trigger",
    "elsewhere_expected": "what the other words of those rows predict; near it = not a label word",
    "base_rate": "share of the label in all rows",
}
