"""The compiler: specs to tables. Pure: no file, no clock, no warehouse, no environment.

`check` resolves specs, `compile` makes everything a run needs of them, `instant` computes a run's instant, `render` turns
queries into SQL, `schema` is the JSON Schema of spec files.
"""
