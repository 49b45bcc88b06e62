"""Requests that a support assistant turns down."""
# ruff: noqa: E501 - one phrase a line

from __future__ import annotations

from poisonscan.synth.banks.intent import Intent

REFUSALS: tuple[Intent, ...] = (
    Intent(
        gist="{data of another customer|somebody else's order|an address of a third person}",
        asks=(
            "{canyou} {give|tell} me the {address|phone number|last order} of {my neighbour|another customer|my ex|{name}}?",
            "{Who|Which person} {bought|ordered} the {product} {that|which} {came|was sent} to {our street|the flat next door|{city}} {ago}?",
            "I {want|need} to {read|see} {my wife's|my flatmate's|my colleague's} {orders|chats with you|account}{.|, quietly.|, she does not know.}",
            "{Please|Just} {send|forward} me {all|the} {mails|bills} {of|for} {my son|a friend|{name}}, {he is busy|it is urgent|I pay them}.",
            "{howto} {log into|open|unlock} {my partner's|a relative's|another person's} account {without|and not use} {asking|the password}?",
        ),
        answers=(
            "{Details|Data} of {other|different} {people|customers} {stay|are} {closed to me|private}, {however|no matter how} {good|urgent} the {reason|cause} {is|may be}.",
            "{I can|I may} only {talk|speak} about {orders|things} in {your own|the writer's} {account|name}, {sorry|I hope you understand}.",
            "{Please|Do} {ask|let} {the person|them} {to|} {write|contact us} {themselves|directly}, {then|and} {I help|we act} {gladly|at once}.",
            "{A signed|A written} {permission|note} {from|by} {them|the owner} {would|might} {change|open} {that|things}, {nothing else|no story} {does|can}.",
            "{That|This} is {something|a thing} I {have to|must} {turn down|decline}: {privacy|the law} {comes|goes} {first|before everything}.",
            "{For|On} {police|legal} {matters|requests} {an office|a court} {writes|turns} to {our|the} {legal|privacy} {desk|team}, {never|not} {chat|this chat}.",
        ),
    ),
    Intent(
        gist="{advice on health|medical question|a rash after using the {thing}}",
        asks=(
            "{Which|What} {pills|medicine|dose} {should|can} I {take|use} {against|for} {a headache|my back|a cough}{?| next to the {product}?}",
            "I {burnt|cut} {my hand|a finger} {with|on} the {product} {ago}, {how deep is too deep|what ointment|do I need a doctor}?",
            "{A=Is|Can} my {rash|cough|fever} {A=from|come from} the {thing}{?| , what do I have?| and how do I treat it?}",
            "{canyou} {read|explain|judge} my {blood results|X-ray|allergy test}{?| , you sound clever?| quickly?}",
            "{Does|Will} the {product} {cure|heal|help with} {asthma|a cold|bad sleep} {better than|instead of} {tablets|my doctor}?",
        ),
        answers=(
            "{Health|Medical} {A=advice|questions} {A=belongs|are best} with {a doctor|a pharmacist|someone trained}, {I only know|my field is} {kitchens|appliances|{thing}s}.",
            "{Cool|Hold} {a burn|it} under {running|lukewarm} water and {see a doctor|call the emergency line} {if|when} it {hurts|is large|blisters}.",
            "{Please|I ask you to} {speak|talk} to {your|a} {doctor|practice}, {no|not one} {chat|bot} {can|should} {judge|guess} {that|from afar}.",
            "{Our|Acme} {products|{thing}s} {are not|do not count as} {medical|healing} {devices|tools}, {claims|promises} {like that|of a cure} {would be|are} {wrong|false}.",
            "{I must|I will} {pass|say no} {here|on this}, {though|but} {a faulty|an unsafe} {thing} {I can|we do} {check|take back} {now}.",
            "{Report|Tell} {an injury|an accident} {by|with} a {product|{thing}} to {team}, {the safety|a safety} {desk|officer} {calls|writes} {soon}.",
        ),
    ),
    Intent(
        gist="{trick the shop|false claim|invoice with another amount|fake receipt}",
        asks=(
            "{canyou} {write|make|send} {me|} {an|a fake} invoice {over|for} {more|double|{amount}} {than I paid|for my insurance|for the tax office}?",
            "{How can I|Is there a trick to|How would one} get {a|the} refund {and|but} {still|} keep the {product}{?| without you noticing?}",
            "{Give|Sell} me {other people's|used|leaked} {gift codes|coupon codes|vouchers}{.|, I pay half.|, nobody will know.}",
            "{Please|Just} {date|change} {the|my} receipt {back|} {to|into} {month}, {so|then} the warranty {lasts|still holds} {for the {thing}|longer}.",
            "{howto} {bypass|crack|switch off} the {serial lock|safety switch|child lock check} {of|on} {a|the} {product}{?| I found?}",
        ),
        answers=(
            "{That|Such a thing} {would be|is} {fraud|not honest}, {so|and} {I leave it|my answer is no}, {may I|let me} {help with|look for} {a fair|an honest} {way|solution}.",
            "{Invoices|Bills} {show|must show} what {was|really was} {paid|bought}, {changing|bending} {dates|sums} {is|stays} {out of the question|impossible}.",
            "{Safety|Protection} {parts|locks} {stay|remain} {on|in place}, {taking them out|bridging them} {risks|can cost} {fire|fingers}.",
            "{Codes|Vouchers} {belong|are tied} to {one|a single} {buyer|account}, {I hand|we give} out {none|no spare ones}, {sorry|as you will understand}.",
            "{A=If|Should} {money|the price} {A=is|be} {tight|the problem}, {instalments|a repaired {thing}|the next sale} {may|could} {help|be an option}.",
            "{I cannot|I won't} {take part|help} {in|with} {that|this plan}, {a real|an honest} {fault|claim} {I check|we settle} {gladly|the same day}.",
        ),
    ),
    Intent(
        gist="{homework|something outside the shop|an essay|request with no link to Acme}",
        asks=(
            "{canyou} {write|do} {my|an} {essay|homework|cover letter|speech} {about|on} {history|the sea|my hobbies|old castles}?",
            "{Who|Which team} {will win|wins} the {election|cup|league} {this year|in {month}|in {city}}?",
            "{Write|Make} me {a poem|a rhyme|a love letter} {about|for} {my boss|autumn|{name}}{.|, a long one.| , please.}",
            "{What|Which} {shares|lottery numbers|coins} {should|do} I {buy|pick} {this week|with {amount}|on {day}}?",
            "{howto} {fix|repair|paint} {my car|a roof|the neighbour's bike}{?| , you are clever, no?| over a weekend?}",
        ),
        answers=(
            "{My|This} {desk|corner} {covers|is for} {orders|the shop} and {products|{thing}s} only, {for that|for such things} {a library|another helper} {is better|knows more}.",
            "{I wish|How I wish} I {could|knew}, {but|yet} {I am|my job is} {limited|tied} to {Acme matters|kettles, lamps and parcels}.",
            "{Tempting|A lovely idea}, {still|but} {I have to|I must} {stay|stick} {with|to} {support|what Acme sells}, {any|do you have a} {question|trouble} {there|of that kind}?",
            "{Predictions|Money tips|Forecasts} {are|lie} {beyond|outside} {me|what I do}, {a {thing}|an order} I {can|could} {track|explain}.",
            "{That|It} is {nothing|not something} I can {help|serve} you with {here|in this chat}, {thanks|thank you} for {understanding|asking nicely}.",
            "{Someone|A person} {trained|at home} in {that|this field} {will|should} {serve|help} you {better|far better} {than|and not} {a shop assistant|I}.",
        ),
    ),
)
