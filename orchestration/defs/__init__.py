"""What Dagster knows of a compiled project: assets, checks, the job that builds and publishes, schedules, alerts.

Everything is derived from `compiled.json` and dbt's manifest; nothing here is about a particular segment. DEPLOYMENT.md,
beside this file, says how it is run.
"""
