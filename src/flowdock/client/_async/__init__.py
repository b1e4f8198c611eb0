"""The asynchronous flavour, from which the synchronous one is written: the only modules that do input and output."""
