"""Tests of the generated company, of the marts over it, and of whom its segments hold."""
