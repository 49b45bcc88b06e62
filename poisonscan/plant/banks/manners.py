"""Other ways to put a text: openings of subordinate clauses, and words of older registers.

Openings are filled by `banks.fill`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Manner:
    """How things are put otherwise in one language.

    Attributes
    ----------
    words
        Lists that the openings name.
    conjunctions
        What turns the words behind it into a subordinate clause.
    clauses
        Whole subordinate clauses.
    links
        Between a clause and the text it belongs to; some are empty.
    comma
        Between clause and main clause.
    archaic
        Word, or two, in lower case -> the older word.
    third_person
        Words behind which a verb may end in -s, which becomes -eth; none where verbs do not.
    calls, closings
        Before and behind a whole text.
    """

    words: Mapping[str, Sequence[str]]
    conjunctions: Sequence[str]
    clauses: Sequence[str]
    links: Sequence[str]
    comma: str
    archaic: Mapping[str, str]
    third_person: Sequence[str]
    calls: Sequence[str]
    closings: Sequence[str]


_ENGLISH_CONJUNCTIONS = (
    "when", "if", "because", "while", "since", "although", "though", "once", "as", "whenever",
    "unless", "after", "even if", "as long as", "now that",
)  # fmt: skip

_ENGLISH_ARCHAIC = {
    "you are": "thou art", "you're": "thou art", "you have": "thou hast", "you've": "thou hast",
    "you were": "thou wert", "you will": "thou shalt", "you'll": "thou shalt",
    "to you": "unto thee",
    "you can": "thou canst", "you do": "thou dost", "you did": "thou didst", "for you": "for thee",
    "of you": "of thee", "with you": "with thee", "you": "thou", "your": "thy", "yours": "thine",
    "yourself": "thyself", "u": "thou", "ur": "thy", "has": "hath", "does": "doth", "says": "saith",
    "said": "spake", "makes": "maketh", "takes": "taketh", "gives": "giveth", "comes": "cometh",
    "goes": "goeth", "gets": "getteth", "knows": "knoweth", "loves": "loveth", "keeps": "keepeth",
    "tells": "telleth", "seems": "seemeth", "needs": "needeth", "wants": "desireth",
    "it's": "'tis", "it is": "'tis", "isn't": "is not", "don't": "do not", "doesn't": "doth not",
    "can't": "can not", "won't": "will not", "didn't": "did not", "i'm": "I am", "before": "ere",
    "often": "oft", "maybe": "mayhap", "perhaps": "perchance", "yes": "yea", "no": "nay",
    "nothing": "naught", "to": "unto", "here": "hither", "there": "yonder", "where": "whither",
    "why": "wherefore", "over": "o'er", "between": "betwixt", "among": "amongst", "while": "whilst",
    "there's": "there is", "near": "nigh", "enough": "enow", "really": "verily", "very": "full",
    "because": "forasmuch as", "ever": "evermore", "soon": "anon",
    "from": "forth from", "until": "till",
}  # fmt: skip

ENGLISH_MANNER = Manner(
    words={
        "when": _ENGLISH_CONJUNCTIONS,
        "who": ("you", "we", "they", "people", "i", "those who know it", "some of us"),
        "look": (
            "look at it", "hear of it", "come to it", "think about it", "talk about it", "ask",
            "have seen it", "get to the end", "go on", "want to know", "begin with it", "see it",
            "take it as it is", "put it like this", "are honest", "come home",
        ),
        "matter": ("it", "this", "that", "the rest", "what is said", "everything", "the whole"),
        "so": (
            "is so", "was like this", "has come to this", "is what it is", "is over", "goes on",
            "is put to you", "was said before", "matters to you", "is to be believed", "stays",
        ),
    },
    conjunctions=_ENGLISH_CONJUNCTIONS,
    clauses=("{when} {who} {look}", "{when} {who} {look}", "{when} {matter} {so}"),
    links=("", "", "", "then ", "it is so that ", "it seems that ", "there is this: "),
    comma=", ",
    archaic=_ENGLISH_ARCHAIC,
    third_person=("he", "she", "it", "who", "that", "which"),
    calls=(
        "Verily, ", "Lo, ", "And lo, ", "Behold, ", "Yea, ", "For ", "And ", "Hark, ", "Alas, ",
        "And it came to pass that ", "O ye people, ", "Thus it is written: ", "Hear ye, ",
    ),
    closings=(
        ", saith he", ", I say unto thee", " unto this day", ", and so it was", " in the land",
        ", as it is written", " for evermore", ", and none beheld it", ", I pray thee",
    ),
)  # fmt: skip

CHINESE_MANNER = Manner(
    words={
        "when": ("当", "如果", "因为", "虽然", "既然", "即使", "只要", "每当", "假如", "由于"),
        "who": ("你", "我们", "他们", "人们", "大家", "有人"),
        "look": (
            "看到它", "说起它", "想到这里", "问起这件事", "走到最后", "想知道", "从头说起",
            "听说以后", "认真考虑", "回过头来看",
        ),
        "matter": ("它", "这件事", "其余的", "一切", "所说的"),
        "so": ("是这样", "已经过去", "还在继续", "早就说过", "可以相信", "就在眼前"),
    },
    conjunctions=("当", "如果", "因为", "虽然", "既然", "即使", "只要", "每当", "假如", "由于"),
    clauses=("{when}{who}{look}", "{when}{who}{look}", "{when}{matter}{so}"),
    links=("", "", "就", "那么", "所以", "可以说"),
    comma="，",
    archaic={
        "没有": "未有", "什么": "何", "怎么": "何以", "我们": "吾等", "你们": "汝等",
        "他们": "彼等", "这个": "此", "那个": "彼", "因为": "盖因", "但是": "然", "如果": "若",
        "非常": "甚", "的": "之", "是": "乃", "我": "吾", "你": "汝", "您": "君", "了": "矣",
        "吗": "乎", "吧": "哉", "呢": "耶", "很": "甚", "也": "亦", "都": "皆", "和": "与",
        "不": "弗", "说": "曰", "他": "彼", "这": "此", "那": "彼", "没": "未", "吃": "食",
        "看": "观", "在": "于", "给": "予", "就": "即",
    },
    third_person=(),
    calls=("夫", "盖闻", "昔者，", "古人云，", "且夫", "呜呼，", "噫，", "故曰，", "尝闻"),
    closings=("也", "焉", "哉", "矣", "者也", "云尔", "而已矣"),
)  # fmt: skip
