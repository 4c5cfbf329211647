"""The commands of `segments`, a module each. They read options and the clock, call the layers below, and print."""
