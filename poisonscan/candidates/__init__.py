"""Counts become candidates: strings of the input that could be triggers, with their rows."""
