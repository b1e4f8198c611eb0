"""What the server does by itself, later: telling webhooks, sending mail.

`courier` carries what is due, whatever it is; the others say what that is and how it is carried.
"""
