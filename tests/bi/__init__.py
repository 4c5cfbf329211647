"""Tests that read what is published as a BI tool does: by SQLAlchemy and by its reflection, while a rebuild goes on."""
