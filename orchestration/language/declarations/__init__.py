"""What stands at the top level of spec files: project, entities, streams, predicates, traits, segments and tests."""
