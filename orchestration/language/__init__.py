"""The segment language: predicates, windows, conditions, aggregates and declarations, each with its meaning in one place."""
