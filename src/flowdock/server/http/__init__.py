"""The web edge: what a request is, who sends it, which action answers, and how streams and files leave."""
