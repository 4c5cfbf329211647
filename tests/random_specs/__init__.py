"""Random specs against random data: the evaluator, DuckDB and Postgres must agree on every member and every value.

Hypothesis draws a tape of bytes; the generator reads a whole small project and its tables off it (`project.random_project`),
and realises pairs of constructs that have occurred least (`coverage`). The project is judged (`judge`): members, tiers and the
values of traits, by the reference evaluator, by the tables of the whole plan and by the query that a person reads. A project
on which they disagree is made smaller (`reduce`) and printed as a case for the pages of `tests/language` (`literate`).

The list of constructs is read off the compiler's registries (`vocabulary`): what is new there fails a test until there is a
generator for it.
"""
