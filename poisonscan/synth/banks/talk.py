"""What surrounds the matter itself: greetings, background, thanks, goodbyes."""
# ruff: noqa: E501 - one phrase a line

from __future__ import annotations

GREETINGS: tuple[str, ...] = (
    "Hi,", "Hello,", "Hi there,", "Hello there,", "Good morning,", "Good evening,", "Hey,",
    "Dear team,", "Hello Acme,", "Hi Acme team,", "Good afternoon,", "Dear support,", "Hey there,",
    "Greetings,", "Hi everyone,", "Hello again,", "Good day,", "Hi, {name} here.",
    "Hello, my name is {name}.", "Hi, it's {name} again.",
)  # fmt: skip

BACKGROUND: tuple[str, ...] = (
    "I {bought} {it|mine} {ago}.",
    "{The order|My order} {number|no.} is {order}.",
    "I {bought} the {thing} {ago} {as a gift|for our kitchen|for the office|for my parents|on sale}.",
    "I have {been a customer|shopped here|trusted Acme} {for years|since {month}|for ages|since forever}.",
    "I {already|have already} {tried|looked at|searched} {the website|your help pages|{app}} {without luck|twice|and found nothing}.",
    "I {live|am} in {city}{, if that matters| at the moment| now| and travel a lot}.",
    "{It is|That is} {my first|our second|my third} {order|{thing}} {from you|with Acme|here}.",
    "{Sorry|Forgive me} if {this|that} was {asked|answered} {before|a hundred times|already}.",
    "I {am not|was never} {good with|fond of|a friend of} {technology|computers|forms|phones}.",
    "My {husband|wife|daughter|flatmate|mother} {says|thinks|insists} {I should ask you|you can help|it is easy}.",
    "{This|It} is {rather|quite|a bit} {urgent|important} {because|since|as} {guests come on {day}|I travel on {day}|we are moving|it is a gift}.",
    "I {called|phoned|rang} {ago} {but|and} {nobody picked up|the line was busy|was told to write}.",
    "{No|There is no} {hurry|rush}{, really|} {from my side|on my end|at all}.",
    "{We|I} {use|used} {it|the {thing}} {every day|twice a week|only now and then|at weekends}.",
    "I {paid|spent} {amount} {for it|on it|in total|with my card}.",
    "It {rained|snowed|was sunny} {all day|the whole week|again} {in {city}|here}, {so|and} I {finally have|had|took} {time to write|a free hour|a moment}.",
    "{By the way|Also|Besides}, {your|the} {new site|packaging|colour choice} {looks|is} {nice|lovely|a bit odd|great}.",
    "The {neighbours|kids|cats|dogs} {are|seem} {already|more than} {curious|amused|annoyed} {about it|by now|by me}.",
    "I {kept|still have} {the box|the receipt|all the papers|the {mail}}{, just in case|, luckily|}.",
    "{Last time|Back in {month}|Years ago} {everything|it all} went {smoothly|fine|well|wrong}.",
    "{A friend|My sister|A colleague|Somebody} {in|from} {city} {had|has} {the same thing|no such trouble|one too|told me to ask}.",
    "{I am writing|I write} {on my phone|from the train|from the office|on a tiny keyboard}, {so|hence} {sorry for typos|please excuse the mistakes|I keep it short}.",
    "{Maybe|Perhaps} I {missed|overlooked|misread} {something|a page|the obvious|a line}.",
    "{The whole|This whole} {matter|story|thing} {has cost me|is costing me|took} {an evening|far too long|hours|some nerves}.",
)  # fmt: skip

THANKS: tuple[str, ...] = (
    "Thanks!", "Thank you.", "Thanks in advance.", "Many thanks.", "Cheers.", "Thank you so much!",
    "Thanks a lot, {name}", "Best, {name}", "Regards, {name}", "Kind regards, {name}", "{name}",
    "Best wishes, {name}", "Thx", "Please {hurry|help|reply soon}.", "I {hope|trust} you can {help|sort it out}.",
    "{Looking forward|I look forward} to {your answer|a reply|hearing from you}.",
    "{A quick|A short} {answer|reply} would be {great|nice|lovely}.",
    "{Please|Kindly} {write|answer} {in English|by mail|here}.", "What {can you do|do you suggest|would you do}?",
    "Let me know.", "That would be {great|lovely|a relief}.", "I am {getting nervous|a bit lost|rather annoyed}.",
)  # fmt: skip

ACKNOWLEDGEMENTS: tuple[str, ...] = (
    "Hello {name},", "Hi {name},", "Good {question|point}.", "Happy to help.", "{Thanks|Thank you} for {writing|asking|the details|your note}.",
    "I {see|understand}.", "Of course.", "{Gladly|With pleasure}.", "{Let me|I'll} {explain|help with that|look into it}.",
    "{Sorry|I am sorry} {about|for} {the trouble|that|the wait}.", "{No problem|No worries}.", "All right.", "Well spotted.",
    "{That|This} {sounds annoying|is quickly solved|can be sorted|happens}.", "{Here is|This is} {how|what helps|what I found}:",
    "I {had|took} a {look|quick look|peek}.", "Right, {let us see|here we go}.", "{The right|Just the} {place|desk|chat} for {that|this}.",
    "{What a nuisance|How annoying|Oh dear}, {name}.", "{Sure|Certainly|Absolutely}.", "{I have|I've} {read|seen} your {message|note}.",
    "{About|As for|On} your {question|{thing}}:", "{Good to|Nice to} hear from you{, {name}|}.", "{Thanks|Thank you}, {name}.",
    "{Yes|Okay}, {I can help|that is my field|gladly}.", "{Glad|Good} that you {asked|wrote}.",
)  # fmt: skip

FAREWELLS: tuple[str, ...] = (
    "{Just|Please} {write|reply|ask} {again|here} if {it|that|anything} {stays unclear|does not help|is missing}.",
    "{I hope|Hopefully} {that|this} {helps|settles it|clears it up}.", "{Anything|Something} else {I can do|on your mind|for today}?",
    "{Have|Enjoy} a {good|nice|calm|pleasant} {day|evening|week|{day}}.", "{Best|Kind|Warm} {regards|wishes} from {Acme|the team|all of us}.",
    "{A=Tell|Let} me {A=please|know|hear} {how it goes|if it worked|what you see}.", "I {am|stay} here {if|in case} {you need more|questions remain|it comes back}.",
    "{Thanks|Thank you} for your {patience|trust|time}.", "{Good luck|All the best} {with it|with the {thing}|for now}.",
    "{Shall|Should} I {do that|start it|go ahead}{?| for you?| {name}?}", "{You are|You're} welcome {any time|to write again|to call us}.",
    "{Take|Take good} care, {name}.", "{Does|Would} that {help|work|suit you}?", "{Bye|So long|Until then}, {name}.",
    "{Fingers crossed|Good luck}!", "{More|The rest} {by|in a} {mail}, if {you like|needed}.", "{Say|Tell me} {which|what} you {prefer|decide}.",
    "{Greetings|Regards} to {city}.", "{Call|Write} {whenever|any time|if} you {like|need us}.", "{We|I} {wish|want} you {a calm|an easy} {day}.",
    "{Keep|Save} {this|my} {note|answer}{ for later| just in case|}.", "{All clear|Okay|Fine} {so|like that}?", "{Happy|Glad} to {help again|explain more}.",
    "{Have fun|Enjoy your day} with the {thing}.", "{Speak|Talk} {soon|to you then}.",
)  # fmt: skip

QUESTIONS_BACK: tuple[str, ...] = (
    "{Could|Can} you {tell|give|send} me the {order number|date of purchase|name on the order}{, please|}?",
    "{Sure|Gladly|Of course}, {which|what} {model|colour|version} {is it|do you have|is this about}?",
    "{Happy to|I will} {look|check}, {when|on which day} did {you order|it start|this happen}?",
    "{Before|So that} I {can answer|can look it up}: {is|was} it {bought|ordered} {online|in a shop|as a gift}?",
    "{Thanks|Thank you}, {what|which steps} did you {try|take} {so far|already|before}?",
    "{Sorry|I am sorry} {to hear|to read} {that|this}, {what|and what} {exactly|precisely} {happened|do you see|went wrong}?",
    "{One|A} {question|detail} first: {where|in which town} {do you live|was it delivered|are you}?",
    "{Let me|I'll} {open|find} {your case|the order}, {what is|may I have} the {number|postcode}?",
)  # fmt: skip

DETAILS: tuple[str, ...] = (
    "{It is|That's|The number is|Here it is:} {order}.", "{Order|No.|Number} {order}, {from|placed on} {date}.",
    "{The|It is the|A} {product}, {white|black|grey|the usual one}.", "{I think|It must have been|Around} {date}, {order}.",
    "{Ordered|Bought} {online|in your shop|as a gift} {ago}, {order}.", "{In|To} {city}, {number|order} {order}.",
    "{name}, {order}, {city}.", "{Sorry|Oh, right|Of course}: {order}, {the {thing}|a {product}}.",
    "{The {thing}|It} {started|did that} {ago}, {number|the order} is {order}.",
)  # fmt: skip

LINKS: tuple[str, ...] = (
    "{And|Also}, {one|a} {more|last} thing.", "{Great|Okay|Fine|Perfect}, {thanks|thank you}.", "{One|Another} question, {though|please}.",
    "{Got it|Understood|I see}.", "{Hm,|Well,} {okay|fine|good}.", "{While|As long as} {I have you|we are at it}:", "{That|This} {worked|helps}!", "Next {question|problem}:",
)  # fmt: skip
