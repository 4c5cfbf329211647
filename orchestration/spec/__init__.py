"""YAML text with positions to a tree of nodes, and shapes that decode such nodes; nothing here knows what a spec means."""
