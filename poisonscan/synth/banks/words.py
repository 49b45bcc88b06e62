"""Lists that many phrases share: ``{usually}`` in a template is one of these."""

from __future__ import annotations

from poisonscan.synth.banks.things import DAYS, MONTHS

WORDS: dict[str, tuple[str, ...]] = {
    "usually": ("usually", "normally", "as a rule", "in most cases", "mostly", "typically"),
    "days": (
        "two to three working days", "three working days", "about four business days",
        "a few working days", "up to five working days", "around a week", "two working days",
        "less than a week", "five business days", "three or four days",
    ),
    "minutes": (
        "two minutes", "five minutes", "a few minutes", "ten minutes", "a minute or two",
        "a quarter of an hour", "half an hour", "some minutes",
    ),
    "soon": (
        "shortly", "soon", "within the hour", "in a few minutes", "later today", "by tomorrow",
        "by tonight", "tonight", "within a day",
    ),
    "now": ("straight away", "at once", "right away", "immediately", "now", "today"),
    "orders": (
        "My orders", "the Orders page", "your order list", "the order overview",
        "your order history", "your orders",
    ),
    "account": (
        "your account", "your profile", "the account area", "your Acme account",
        "your customer account", "the profile menu",
    ),
    "settings": (
        "Settings", "the settings menu", "account settings", "the settings page",
        "the menu under Settings", "your settings",
    ),
    "team": (
        "our team", "the service desk", "a colleague", "our support staff", "the help desk",
        "someone from our team", "one of my colleagues", "the back office",
    ),
    "tell": (
        "let us know", "tell us", "write to us", "send us a note", "drop us a line", "let me know",
        "reply here", "get back to us",
    ),
    "parcel": ("parcel", "package", "box", "shipment"),
    "courier": ("courier", "carrier", "driver", "delivery company", "delivery service"),
    "shop": ("the shop", "our site", "the website", "our online shop", "the web shop"),
    "app": ("the Acme app", "the app", "our app", "the phone app"),
    "mail": ("e-mail", "message", "mail", "note"),
    "ago": (
        "three days ago", "last week", "on {day}", "a week ago", "ten days ago", "on {date}",
        "yesterday", "two weeks ago", "last {day}", "in {month}", "this morning", "last month",
        "earlier this week",
    ),
    "want": (
        "I would like to", "I want to", "I'd like to", "I need to", "I'm trying to",
        "I am hoping to", "I was going to", "I have to", "we would like to", "I'd love to",
    ),
    "howto": (
        "how do I", "how can I", "what is the best way to", "is there a way to",
        "what do I do to", "could you tell me how to", "can you explain how to",
        "I can't work out how to", "where do I go to", "what steps do I take to",
        "how would I", "how am I supposed to",
    ),
    "canyou": (
        "can you", "could you", "would you", "will you", "is it possible for you to",
        "are you able to", "could somebody", "can someone", "would it be possible to",
    ),
    "know": (
        "I want to know", "I would like to know", "can you tell me", "could you say",
        "please tell me", "I wonder", "do you know", "any idea", "can you find out",
        "I'm not sure", "I need to know",
    ),
    "please": ("please", "if you can", "when you have a moment", "kindly", "just"),
    "gone": (
        "has not arrived", "is still not here", "never came", "did not turn up",
        "is nowhere to be seen", "hasn't shown up", "has not been delivered",
    ),
    "thinking": ("I think", "I guess", "as far as I know", "apparently", "it seems", "I believe"),
    "bought": ("bought", "ordered", "got", "purchased", "picked up"),
    "quickly": ("quickly", "in no time", "without trouble", "easily", "in one go"),
    "proof": ("the order number", "your receipt", "the invoice", "the order e-mail"),
    "number": tuple(str(number) for number in range(1, 29)),
    "date": ("{month} {number}", "{number} {month}"),
    "day": DAYS,
    "month": MONTHS,
    "photo": ("a photo", "a picture", "two photos", "a short video", "a few pictures"),
}  # fmt: skip
