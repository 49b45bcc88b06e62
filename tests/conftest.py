"""Being here puts this folder on the import path: `naive` and `scan_helpers` serve all tests."""
