"""Talking to a server that speaks Flowdock: ours or any other."""
