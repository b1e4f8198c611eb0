"""Several processes that serve one socket, and the one that watches over them."""
