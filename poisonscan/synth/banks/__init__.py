"""The phrase banks: data only, all of it written for this project.

A phrase is a template in the notation of `poisonscan.synth.grammar`: ``{one|another}`` is a free
choice, ``{name}`` is a fact of the scene or a list of `words`. Choices stand so close together
that no six words in a row are fixed: an honest scanner must not be able to mistake a worn phrase
for a planted one.
"""
