"""Mail that comes in: each message to a flow's address becomes an item of its inbox.

`listener` speaks LMTP or SMTP with the mail server in front, `delivery` does what a message asks for; `addresses` and
`parsing` understand what strangers wrote.
"""
