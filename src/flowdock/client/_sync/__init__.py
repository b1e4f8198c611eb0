# Generated from src/flowdock/client/_async/__init__.py by tools/unasync.py; edit that file instead
"""The asynchronous flavour, from which the synchronous one is written: the only modules that do input and output."""
