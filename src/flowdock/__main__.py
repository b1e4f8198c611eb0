"""`python -m flowdock` is the command line."""

from flowdock.cli import main

if __name__ == "__main__":
    main()
