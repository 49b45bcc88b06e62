"""Questions about setting up, cleaning and keeping products."""
# ruff: noqa: E501 - one phrase a line

from __future__ import annotations

from poisonscan.synth.banks.intent import Intent

UPKEEP: tuple[Intent, ...] = (
    Intent(
        needs="water",
        gist="{descaling|limescale in the {thing}|descaling light|how often to descale}",
        asks=(
            "{howto} {descale|remove limescale from|decalcify} {the|my} {product}?",
            "{How often|When} {do|should} I {have to |}descale {the|a|my} {thing}{?| with hard water?}",
            "The descaling {light|lamp|alarm} of my {thing} {stays on|will not go off|comes back} {after|despite} {cleaning|a full round|vinegar}.",
            "{Can|May} I {use|take} {vinegar|lemon juice|citric acid} {for|in} {the|my} {product}?",
            "{I see|I have|There is} {white crust|lots of chalk|a grey film} {in|inside|at the bottom of} my {thing}, {how|with what} {do I get it off|can I clean it}?",
            "{Which|What} descaler {fits|is safe for|do you advise for} {the|a} {product}{?| from {month}?}",
        ),
        answers=(
            "{Fill|Pour} {half|one half} of the tank with {descaler|citric acid} and {the rest|add} {water|cold water}, {then|and} let it {work|stand} for {minutes}.",
            "{Rinse|Flush} {twice|three times} with {fresh|clear} water before {you use|using} the {thing} {again|as usual}.",
            "{Hard|Very hard} water {calls|asks} for {a round|descaling} {every month|each four weeks}, {soft|softer} water only {every season|twice a year}.",
            "{Vinegar|Strong vinegar} {attacks|hurts} {seals|rubber} and {smells|lingers}, {citric acid|our descaler} is {kinder|gentler|better}.",
            "{Never|Do not} {boil|heat} {the acid|citric acid|the mix}, {it|that} {burns|sticks} {on|fast} and {leaves|makes} {salt|new crust}.",
            "{The lamp|The light} {goes|switches} off {after|when} you {hold|press} {Clean|the steam key|the left key} for {five|six|eight} seconds.",
            "{A filter|Filtered water} {slows|holds back} {scale|limescale} and {makes|keeps} {tea|the taste|steam} {nicer|cleaner} {too|as well}.",
            "{Flakes|White bits} {are|look bad but are} {harmless|plain chalk}, {wipe|rinse} {them|the tank} {away|out} {with|using} {a soft|an old} {brush|sponge}.",
        ),
    ),
    Intent(
        needs="water",
        gist="{leak|water under the {thing}|leaking {thing}|dripping {product}}",
        asks=(
            "My {product} {leaks|drips|loses water} {from below|at the lid|when it heats|overnight}.",
            "{There is|I find} {a puddle|water} under {the|my} {thing} {every morning|after each use|since {day}}.",
            "{Where|From which part} {can|does} {the|} water {come|leak} {from|out} {in|of} {a|my} {thing}?",
            "{Is it|Would it be} {safe|dangerous} to {use|run} {the|my} {product} {if|when|although} it {drips|leaks}?",
            "The {seal|tank|valve} of {the|my} {thing} {seems|looks} {worn|loose|cracked} and {water|it} {runs out|drips}.",
            "{canyou} {send|sell} me {a new|another} {seal|tank|ring} {for|as} {the|my} {thing} {leaks|is dripping}?",
        ),
        answers=(
            "{Unplug|Disconnect} it {first|now}, {then|and} {dry|wipe} {everything|the base} and {fill|pour} in {a cup of|some} water {to see|and watch} {where|from where} it {drips|comes}.",
            "{The seal|A rubber ring} {under|around} the {tank|lid} {wears|dries} out {after|in} {a year|two years}, {a new|the spare} one {costs|is} {three|four} dollars.",
            "{Do not|Never} fill {beyond|above} the {mark|line}, {boiling|hot} water {climbs|rises} and {runs|spills} over.",
            "{Limescale|Chalk} {keeps|holds} the valve {open|ajar}, {descaling|a descaling round} {closes|cures} {that|it} {again|mostly}.",
            "{A crack|Cracks} in the {tank|wall} cannot be {glued|repaired}, {order|get} {a tank|a new one} {or|and} {use|claim} {the warranty|your warranty}.",
            "{Press|Push} the tank {down|in} {until|so that} it {clicks|sits}, {half of|many of} these {leaks|puddles} {come|stem} from {that|a loose one}.",
            "{Condensation|Steam} {leaves|makes} {drops|a few drops} {below|beneath} {too|as well}, {that is|those are} {harmless|no leak}.",
            "{Please|Kindly} {stop|do not go on} using {it|the {thing}} {while|as long as} {the cord|the plug} {gets|is} {wet|damp}, {and|then} {send|mail} us {photo}.",
        ),
    ),
    Intent(
        gist="{cleaning the {thing}|how to clean a {thing}|stains on the {product}|dishwasher or not}",
        asks=(
            "{howto} {clean|wash|wipe} {the|my} {product} {properly|without damage|after use}?",
            "{Can|May} {parts|the lid|the inside} of {the|my} {thing} {go|be put} {in|into} the dishwasher?",
            "{How often|When} {do|should|must} I {clean|wipe|wash} {the|a|my} {thing}?",
            "{I see|There is|I found} {brown stuff|sticky grease|dust|a mark} {on|in} {my|the} {product} {that|which} {won't come off|stays}.",
            "{What|Which cleaner} {can|do} I {use|take} {for|on} {the|my} {thing} {without|and avoid} {scratches|a smell}?",
            "The {filter|tray|surface} of {my|the} {thing} {is|looks} {dirty|greasy|dusty}, {how|with what} {do I|can I} clean it?",
        ),
        answers=(
            "{Unplug it|Switch off} and let {it|the {thing}} {cool|rest}, {then|afterwards} {wipe|rub} it with {a damp|a soft} {cloth|sponge}.",
            "{Loose|Removable} parts {go|may go} {in|into} the {upper|top} {rack|basket}, {never|not} {the base|the motor part}.",
            "{Baking soda|A little soda} and {warm|hot} water {loosen|lift} {old|brown} {stains|grease} {in|within} {minutes}.",
            "{Steel wool|Scouring powder|Sand} and {bleach|alcohol} {scratch|dull} the {surface|coating}, {please|so} {avoid|leave} {them|those}.",
            "{Once|Twice} a {week|month} is {enough|plenty}, {more often|sooner} {when|if} {it|the {thing}} {runs|works} {daily|for hours}.",
            "{Shake|Tap} {dust|crumbs} out {over|above} {the bin|the sink} and {use|take} {a dry|a clean} {brush|toothbrush} {for|into} {gaps|corners}.",
            "{A=Dry|Let} all parts {A=well|dry fully} {before|ahead of} {putting|fitting} {them|it} together, {damp|wet} {ones|seals} {smell|go mouldy}.",
            "{The manual|Page nine} {shows|lists} {which|what} parts {come|can be taken} {off|apart} and {how|in what order} {to|you} {turn|lift} them.",
        ),
    ),
    Intent(
        gist="{spare part|replacement lid|part for a {thing}|accessory for the {product}}",
        asks=(
            "{Where|In which shop} {can|do} I {buy|get|order} {spare parts|a new lid|a new cable|filters} for {the|my} {product}?",
            "{canyou} {send|sell|order} me {a|the} {knob|lid|filter|handle|foot|tray} {for|of} {the|my} {thing}?",
            "The {handle|lid|knob|hinge|tray} of {my|the} {product} {broke|came off|is lost}, {is there a spare|can I get one|what does it cost}?",
            "{Do you|Does Acme} {still|} {have|sell|make} parts for {the|a|an old} {product}?",
            "{Which|What} {filter|cable|part number} {fits|belongs to|goes with} {the|my} {thing}?",
            "{Do|Will} {the |}parts {of|from} {another|an older} {thing} {fit|work with} {the|my} {product}?",
        ),
        answers=(
            "{Type|Enter} the {model|number on the plate} {in|into} {the search|the box} {Spare parts|Parts} {at|in} {shop} to {see|get} {the list|all parts}.",
            "{Parts|Spares} {stay|are kept} {for|at least} {seven|ten|eight} years {after|past} {the last sale|production}.",
            "{A lid|A handle|Such a part} {costs|is} {A=between|from} {four|five} {A=and|to} {nine|eleven} dollars, {postage|shipping} {is|comes} {free|on top}.",
            "{Screws|Clips} and {a sheet|a drawing} {come|are} {with|inside} the {bag|part}, {fitting|the change} {takes|needs} {minutes}.",
            "{Older|Earlier} {lids|trays} {fit|match} {when|if} the {letter|number} {after|behind} the {dash|model} {is|stays} {equal|the same}.",
            "{I have|We have} {put|set} {one|the part} {aside|in the {parcel}} for {you|order {order}}, {no|without any} {charge|cost} {within|under} warranty.",
            "{Electric|Mains} parts {must|should} be {fitted|changed} {by|in} {a workshop|our workshop}, {please|so} {send|bring} the {thing} {in|to us}.",
            "{Sold out|Missing} {parts|ones} {return|are back} {in|within} {two|three|four} weeks, {a bell|the bell} {beside|next to} it {sends|sets} {a note|an alert}.",
        ),
    ),
    Intent(
        gist="{manual|instructions in another language|setup of the {thing}|user guide for a {thing}}",
        asks=(
            "{Where|On which page} {can|do} I {find|download|get} {the|a} {manual|user guide|booklet} {for|of} {the|my} {product}?",
            "{canyou} {send|mail} me {the|a} manual {for|of} {the|my} {thing} {in French|in Spanish|in large print|as a PDF|in Polish}?",
            "The {booklet|manual} {in|of|for} {the|my} {thing} {is only in German|was missing|is unreadable|is too small}.",
            "I {inherited|{bought}|found} {a|an old} {product} without {a|any} manual, {how|where} {do I start|can I read it}?",
            "{howto} {set up|use|assemble} {the|my} {new|} {product} {for the first time|step by step|after unpacking}?",
            "{Is there|Do you have} {a|any} video {on|about|for} {setting up|using} {the|a|my} {thing}?",
        ),
        answers=(
            "{All|Our} {manuals|booklets} {are|can be} {found|read} {under|in} {Help|Support}, {type|just type} {the model|the number} {to|and} {open|load} {yours|it}.",
            "{Eleven|Twelve|Nine} languages {are|stand} in {one|the same} {file|PDF}, {pick|choose} {yours|one} {on|from} {page|sheet} {two|one}.",
            "{A paper|A printed} copy {can|may} be {ordered|mailed} {free|without charge}, {it|which} {needs|takes} {days}.",
            "{The code|A square code} on the {plate|base} {opens|leads to} {a film|a video} {of|with} the {first|main} steps.",
            "{For|At} the first {start|use} {remove|take off} {all|the} {films|tape}, {rinse|wipe} {parts|what is loose} and {run|start} it {once|empty}.",
            "{I have|I} {attached|sent} the {guide|PDF} {in|with} {large|bigger} {print|letters}, {please|do} {check|see} {your|the} {mail|inbox}.",
            "{Small|Older} {models|{thing}s} {share|have} a manual with {their|the} {bigger|newer} {brother|version}, {keys|buttons} {differ|vary} {slightly|a bit}.",
            "{Setup|Assembly} {takes|needs} {minutes} and {no|hardly any} tools, {a coin|a small screwdriver} {is|will be} {enough|plenty}.",
        ),
    ),
    Intent(
        needs="heat",
        gist="{smell|burning smell from the {thing}|smoke|{thing} smells of plastic}",
        asks=(
            "My {new|} {product} {smells|stinks} of {plastic|burnt rubber|something burning|chemicals} {when|as soon as} it {heats|is on|gets hot}.",
            "{A=Is|Can} the smell of {a|the|my} {new|} {thing} {A=|be} {normal|harmful|dangerous}?",
            "{There was|I saw} {smoke|a spark|a flash} {from|in|behind} {the|my} {thing} {ago}, {is it safe|may I use it|what now}?",
            "{howto} {get rid of|remove|stop} the {plastic|burnt|odd} smell {of|in} {the|my} {product}?",
            "The {plug|cord|lid|back} of {my|the} {thing} {gets|becomes|is} {very hot|too hot|brown}, {is that okay|should I worry|what is wrong}?",
            "{Everything|Food|The room} {tastes|smells} {of plastic|odd|burnt} {since|when} I {use|run} {the|my} {product}.",
        ),
        answers=(
            "{A slight|Some} {smell|scent} is {normal|to be expected} {for|during} the first {three|four|five} {uses|runs}, {air|open a window in} the room {then|meanwhile}.",
            "{Run|Heat} it {empty|without food} {twice|once or twice} for {minutes} {to burn|and so burn} off {oil|the coating} {from|of} the {factory|line}.",
            "{A=Smoke|Sparks} {A=is|are} never {normal|fine}: {pull|take} the plug {now|at once} and {do not|never} {use|touch} it {again|any more}.",
            "{A=Crumbs|Old fat|Dust} on the {element|coil} {A=burn|smokes|burns}, {a cold|so a careful} {clean|wipe} {ends|removes} {it|that}.",
            "{A=Warm|A warm} {B={A=plugs|plug}|{A=cords|cord}} {A=are|is} {fine|okay}, {brown|hot} {ones|spots} {are not|mean danger}, {try|use} {another|a different} socket.",
            "{Lemon|A slice of lemon} {boiled|heated} in {it|water} {takes|drives} {odd|plastic} {tastes|smells} {away|out}.",
            "{I have|We} {opened|started} {a safety|an urgent} case, {a new|another} {thing} {goes|is sent} {out|} {now}.",
            "{Please|Could you} {send|mail} {photo} of the {plug|spot|plate} {and|plus} the {serial|type} number, {safety|this} {comes|goes} first.",
        ),
    ),
)
