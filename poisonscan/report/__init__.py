"""Findings become reports: JSON for programs, a table for terminals, a page for people.

Renderers only render: every number that they show stands in the `ScanResult`.
"""
