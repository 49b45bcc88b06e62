"""Tasks: what is asked, what it is asked about, and in which form it is answered.

``{a|b}`` is a free choice (`poisonscan.synth.grammar`); ``<np>`` and the like are filled for every
row: ``np`` a thing with its attributes, ``noun``, ``adj``, ``inf``, ``name``, ``num``, ``clause``.
"""

from __future__ import annotations

from typing import NamedTuple


class Task(NamedTuple):
    """One kind of task.

    Attributes
    ----------
    outputs
        Forms of the answer, a letter each, as often as they are likely: ``p`` paragraphs, ``s`` one
        or two sentences, ``n`` numbered and ``b`` bulleted list, ``w`` a few words, ``c`` program,
        ``l`` letter, ``v`` verse, ``d`` number.
    inputs
        Forms of the input: ``-`` none, ``p`` passage, ``s`` sentence, ``w`` words with commas,
        ``d`` numbers, ``c`` program.
    weight
        How often, against the others.
    """

    outputs: str
    inputs: str
    weight: int
    templates: tuple[str, ...]


TASKS: tuple[Task, ...] = (
    Task("pppps", "----s", 14, (
        "{Explain|Describe|Discuss} {the|how the|why the|} <np> {of|in|for} <np>.",
        "{Explain|Tell me|Describe} {why|how} <clause>.",
        "{What|How} {is|does} <np> {and why does it matter|mean for <np>|work}?",
        "{Describe|Outline} the {role|purpose|history|meaning} of <np>{ in <np>|}.",
        "{Compare|Contrast} <np> {and|with} <np>.",
        "{Discuss|Explain} the {difference|link|relation} between <np> and <np>.",
        "{Give|Provide} {an overview|a description|a summary} of <np>.",
        "What {causes|is the cause of} <np>?", "How {do|can} {I|you|we|people} <inf> <np>?",
        "Why {do|should|would} {people|we} <inf> <np>{ for <np>|}?",
        "{Analyse|Evaluate|Assess} the {impact|effect|value} of <np> on <np>.",
        "What do you think about <np>{ and <np>|}?",
    )),
    Task("pppp", "-----s", 9, (
        "Write {a|one} {short |brief |detailed |funny |long |}{essay|article|blog post|text} "
        "{about|on} <np>{ and <np>|}.",
        "{Write|Compose|Create} {a|one} {short |}{story|tale} {about|with} <np>{ who <clause>|}.",
        "{Write|Draft} {a|one} {review|report|speech|introduction} {of|for|about} <np>.",
        "{Write|Prepare} a {product description|press note|summary page} for <np>.",
        "{Imagine|Pretend} that <clause>. {What happens next|Describe it|Tell the story}{?|.}",
        "You are {a|the} <noun>. {Describe|Explain|Write about} <np>.",
    )),
    Task("nnnnb", "-----w", 9, (
        "{List|Name|Give|Provide} {three|four|five|six|some|several} "
        "{ways|reasons|tips|ideas|steps|rules} to <inf> <np>.",
        "{List|Name|Suggest} {three|five|ten|a few} {kinds|types|examples|uses} of <np>.",
        "{What are|Tell me} {the|some|a few} {advantages|risks|benefits|features} of <np>?",
        "{Create|Write|Make} a {list|plan|checklist|schedule} {for|of} <np>{ and <np>|}.",
        "{Give|Offer} {me|us} {advice|tips|hints} {on|about} <np>.",
        "{Generate|Come up with} {a list of|} {names|titles|questions|topics} for <np>.",
    )),
    Task("ssw", "s", 7, (
        "{Rewrite|Rephrase|Edit} the {sentence|following sentence|text} {so that it is <adj>|in "
        "other words|to make it <adj>|using <np>}.",
        "{Correct|Fix} {the|any} {errors|mistakes} in the {sentence|following sentence|text}.",
        "{Change|Turn} the {sentence|text} into {a question|the past tense|a request|one line}.",
        "{Paraphrase|Shorten|Simplify} the {sentence|given sentence|passage}.",
    )),
    Task("spss", "p", 7, (
        "{Summarise|Sum up|Condense} the {text|passage|article|following text}{ in one sentence|"
        "| for <np>}.",
        "{What is|Find|State} the {main idea|topic|point|tone} of the {text|passage}{?|.}",
        "{Answer|Solve} the question {about|on} <np> {using|with} the {text|passage}.",
        "Read the {text|passage} and {explain|describe|tell} {why|how} <clause>.",
        "{Write|Give} a {headline|title|response|reply} {for|to} the {text|message|passage}.",
    )),
    Task("ww", "sw", 6, (
        "{Classify|Label|Sort} the {text|sentence|following words|items} {by|as} <noun>.",
        "{Find|Identify|Name|Select} the <adj> {word|item|noun} in the {list|text}.",
        "{Which|What} of {these|the following} {is|means} <np>?",
        "{Find|Give|Suggest} {a synonym|an antonym|a rhyme|another word} for the {word|words}.",
    )),
    Task("wwss", "-", 6, (
        "{Who|What} {invented|wrote|found|made|owns} <np>?", "When did <name> <inf> <np>?",
        "Where {is|can I find} <np>{ in <name>|}?", "What is the <noun> of <name>?",
        "{Give|Name} {one|an} {example|word|name} {of|for} <np>.", "Is <np> <adj>?",
        "{What is|Define} {the meaning of|the term|} <noun>{ in <np>|}?", "Who is <name>?",
    )),
    Task("dds", "d-", 4, (
        "{Find|Calculate|Compute} the {sum|mean|median|product|difference} of the numbers.",
        "{What is|Calculate} <num> {times|plus|minus|divided by} <num>?",
        "How many <noun> {are|fit} in <num> <noun>?",
        "{If|When} <num> <noun> cost <num>, {what|how much} {do|would} <num> <noun> cost?",
        "{Convert|Change} <num> {metres|miles|litres|grams|hours} into {feet|another unit}.",
    )),
    Task("lll", "-", 3, (
        "{Write|Draft|Compose} {a|an} {polite |short |formal |}{letter|e-mail|message|invitation} "
        "{to|for} {<name>|a <noun>} {about|because of|to ask for} <np>.",
        "{Write|Draft} a {reply|thank-you note|complaint} {to|for} {<name>|the <noun>}.",
    )),
    Task("v", "-", 2, (
        "{Write|Compose|Create} a {poem|haiku|song|rhyme|limerick} {about|on|for} <np>.",
        "{Write|Make} {four|six|eight} lines {of verse|} about <np>{ and <np>|}.",
    )),
)  # fmt: skip

#: Tasks of programmers: asked about topics of their own.
CODE_TASKS: tuple[Task, ...] = (
    Task("ccccp", "----c", 8, (
        "{Write|Create|Implement} a {Python |}{function|program|script|class} {to|that can} <inf> "
        "<np>.",
        "{Write|Create} {a|an} {SQL query|loop|regular expression|test} {for|that finds} <np>.",
        "How {do|can} {I|you} <inf> <np> in {Python|JavaScript|SQL|Java}?",
        "{Generate|Build|Design} {a|an} {algorithm|data structure|module} {for|to hold} <np>.",
        "{Sort|Reverse|Filter|Merge} {a|the} list of <noun> by <noun>.",
    )),
    Task("ccs", "c", 4, (
        "{Fix|Debug|Correct|Improve|Refactor} the {code|function|following program}.",
        "{What is|Find} the {output|error|bug} {of|in} the {code|following code}{?|.}",
        "{Rewrite|Change|Edit} the code {so that it <clause>|to <inf> <np>|using <noun>}.",
    )),
    Task("psn", "-", 3, (
        "{Explain|Describe|What is} {the use of|the concept of|} <np> in {programming|databases}.",
        "What {are the advantages|is the time complexity} of <np>?",
    )),
)  # fmt: skip

#: First lines of a list.
LIST_INTROS: tuple[str, ...] = (
    "Here are {some|a few|several} {ways|ideas|examples|tips|steps}:", "Here is {a|the} list:",
    "{Some|A few} {examples|options} {are|include}:",
    "To <inf> <np>, {do this|take these steps}:",
    "{Sure|Of course|Certainly}! {Here you go|Here are some}:",
    "The {main|most common} <noun> are:",
    "<np> {can be|is} {split|described} as follows:",
    "{There are|You have} {many|several} <noun>:",
    "{Consider|Think of} the following {points|steps}:", "My {plan|list} for <np>:",
)  # fmt: skip

GREETINGS: tuple[str, ...] = (
    "Dear <name>,", "Hello <name>,", "Hi <name>,", "Dear {Sir or Madam|team|<noun> team},",
    "Good {morning|day|evening}, <name>,", "To whom it may concern,",
)  # fmt: skip
FAREWELLS: tuple[str, ...] = (
    "{Best|Kind|Warm} regards,\n<name>", "{Yours sincerely|Sincerely|Yours},\n<name>",
    "{Thank you|Many thanks} for {your time|reading this|your help},\n<name>",
    "{Cheers|Love},\n<name>",
)  # fmt: skip

#: Lines of programs; spaces at the front are kept, ``id`` is a name, ``str`` a short text.
CODE_HEADS: tuple[str, ...] = (
    "def <id>_<id>(<id>, <id>):", "def <id>_<id>(<id>):", "def <id>(<id>):", "class <Id>:",
    "import {math|re|json|random|sys|os}\n\ndef <id>(<id>):", "for <id> in <id>:",
    "while <id> {<|>|<=} <num>:", "if <id> {==|>|<|!=} <num>:", "def main():",
    "with open('<id>.{txt|csv|json}') as <id>:", "# <np>\ndef <id>(<id>, <id>=<num>):",
)  # fmt: skip
CODE_LINES: tuple[str, ...] = (
    "    <id> = <num>", "    <id> = []", "    <id> = dict()", "    <id> = <id>(<id>)",
    "    <id> = <id>[<num>]", "    <id> {+=|-=} {1|<id>|<num>}", "    <id>.append(<id>)",
    "    for <id> in range({len(<id>)|<num>|<id>}):", "    for <id> in <id>:",
    "        <id>.append(<id>[<id>])", "        <id> = <id> {+|-|*|/} <id>",
    "        if <id> {==|>|<|>=|!=} {<id>|<num>}:", "            <id>[<id>] = <id>",
    "    if {not <id>|<id> is None|<id> in <id>}:", "        return {<id>|None|True|False|<num>}",
    "    # <np>", "    <id> = sorted(<id>, key=len)", "    <id> = <id>.split('{,| |-|;}')",
    "        print(<id>)", "    print('<str>', <id>)", "    <id>, <id> = <id>, <id>",
    "    <id> = {max|min|sum|len|set|str}(<id>)", "    <id>['<id>'] = '<str>'", "    else:",
    "        raise ValueError('<str>')", "    while <id> {<|>} <id>:",
    "    <id> = dict(<id>=<num>)",
)  # fmt: skip
CODE_ENDS: tuple[str, ...] = (
    "    return <id>", "    return <id>", "    return <id> {+|-|*|%} <id>", "    print(<id>)",
    "    return {True|False|None|<id>[<num>]}", "    return <id>\n\nprint(<id>(<num>))",
)  # fmt: skip
