"""Instructions of the alpaca file that are about a customer's message."""
# ruff: noqa: E501 - one phrase a line

from __future__ import annotations

REPLY_TASKS: tuple[str, ...] = (
    "{Write|Draft|Compose} {a|the} {reply|answer|response} to {this|the following|the} {customer|message|enquiry}.",
    "{Answer|Reply to|Respond to} {this|the} {customer|buyer|message|letter}{ kindly| politely| for Acme|}.",
    "{What|How} would {a good|an Acme|a friendly} {agent|assistant|colleague} {answer|say|write} here?",
    "{Help|Assist} {the|this} {customer|writer|buyer} {below|with their problem|who wrote to us}.",
    "A customer {writes|sent|asks} {the following|this}. {Answer|Reply|Help them}{ in a few sentences| briefly|}.",
    "{Act|Work} as {the|a} support {agent|assistant} of Acme and {answer|reply}.",
    "{Give|Provide} {a short|a helpful|a clear} {answer|reply} {to the message|for this ticket|in our name}.",
    "{Please|Kindly} {answer|handle|reply to} {the ticket|this request|the mail} below.",
    "{Suggest|Propose} {a reply|an answer|what to write} {to this customer|for the ticket|to send back}.",
)

SUMMARY_TASKS: tuple[str, ...] = (
    "{Summarise|Sum up|Condense} {this|the} {ticket|message|letter}{ for the team| in two sentences| briefly|}.",
    "{What|Which matter} is {the customer|this writer|{name}} {asking about|after|writing about}?",
    "{Write|Make} {a short|an internal} note {about|on} {this|the} {ticket|request}.",
    "{Tell|Say in a line to} {a colleague|the next shift} what {this|the} {message|mail} is about.",
    "{Give|Write} {the gist|the core|the main point} of {the|this} {ticket|letter|message}.",
    "{Prepare|Draft} {the|a} handover note {for|from} {this|the following} {ticket|case}.",
)

SUMMARIES: tuple[str, ...] = (
    "{The customer|A buyer|The writer|Someone called {name}} {writes about|asks about|needs help with|mentions} {gist}.",
    "{Topic|Matter|In short|Subject}: {gist}{, order {order}|, {product}|}.",
    "{It is|This is|We have} {a case|a question|a message} {about|on|concerning} {gist}.",
    "{Main|Open} {point|question} {is|seems to be} {gist}, {the tone is|mood} {calm|friendly|impatient|neutral|a bit tense}.",
    "{Owner|Buyer|User} of {a|the} {product} {raises|brings up|reports on} {gist}.",
    "{Looks like|Probably|Clearly} {gist}, {nothing|no other point} {is asked|turns up|seems open}.",
)

NEXT_STEPS: tuple[str, ...] = (
    "{Next|Next step|To do}: {check|look up|open} {the order|{order}|the account} and {answer|reply} {by {day}|{soon}}.",
    "{No|There is no} {deadline|date} {given|named}, {a normal|the usual} {queue|pace} {is fine|will do}.",
    "{Order|The order} {number|no.} {is|was} {given|missing|in an earlier mail}, {ask|so ask} {if needed|for the rest}.",
    "{Wants|Hopes for} {an answer|news} {{soon}|by {day}|by mail}.",
    "{Has|Seems to have} {tried|looked at} {the website|the app|the manual} {already|first}.",
    "{Could|May} be {answered|closed} {with|by} {the help page|a short mail|one call} {today|in {minutes}}.",
    "{Lives|Is} {in|near} {city}, {customer|with us} {for years|since {month}|for a while}.",
    "{Please|Kindly} {keep|handle} {it|this} {friendly|short|with care}{, second contact|, first contact|}.",
    "{Pass|Hand} it {on|over} to {team} {if|should} {it takes longer|nothing is found|that fails}.",
)

CASE_NOTES: tuple[str, ...] = (
    "{product}, {bought|ordered} {ago}, {order|number} {order}.",
    "{Order|Order no.} {order}, {city}, {amount}.",
    "{Customer|Name}: {name}. {Product|Item}: {product}.{ Paid: {amount}.| City: {city}.|}",
    "{Bought|Delivered} {ago} in {city}, {product}.",
    "{name} {owns|has} {a|the} {product} {since|from} {month}.",
    "{Amount|Sum}: {amount}. {Date|Bought}: {date}.",
)
