"""The reference for people at `/docs`: the description of the API as one page of plain HTML."""
