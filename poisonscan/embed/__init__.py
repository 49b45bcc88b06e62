"""Texts as vectors: the shipped static model, any other model on request, and a fitted projection.

Nothing is imported here, so that a scan pays only for the encoder that it uses.
"""
