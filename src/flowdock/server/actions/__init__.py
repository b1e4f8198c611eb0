"""What can be done: one use case, one function of a transaction. Each loads, lets the rules decide, and appends.

None announces anything: whoever runs the transaction does, after the commit.
"""
