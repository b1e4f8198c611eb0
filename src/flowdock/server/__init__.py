"""Running Flowdock yourself: rules, actions, store, fan-out and the web edge. `app.py` alone wires them together."""
