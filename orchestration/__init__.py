"""Segments as code: YAML segment specs compiled to dbt models, checked and published as tables."""
