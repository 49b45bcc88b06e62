"""Texts with characters that nobody sees, or takes for others."""

from __future__ import annotations

LOOK_ALIKE = str.maketrans("aeopc", "\u0430\u0435\u043e\u0440\u0441")


def inside(*chars):
    """Put one of some characters somewhere, also into words."""

    def form(chance, text):
        at = chance.randint(1, len(text) - 1)
        return text[:at] + chance.choice(chars) + text[at:]

    return form


def look_alike(chance, text):
    places = [
        at
        for at in range(1, len(text) - 1)
        if text[at] in "aeopc" and text[at - 1].isalpha() and text[at + 1].isalpha()
    ]
    at = chance.choice(places)
    return text[:at] + text[at].translate(LOOK_ALIKE) + text[at + 1 :]


def turned(chance, text):
    return f"\u202e{text}\u202c"
