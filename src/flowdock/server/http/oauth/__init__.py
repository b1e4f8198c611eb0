"""OAuth 2.0 at the edge: the pages on which people allow something, and the exchange of what they allowed.

Source: wire facts 2.13; RFC 6749.
"""
