"""Evidence becomes findings: what acts together is one finding, named, weighed and explained."""
