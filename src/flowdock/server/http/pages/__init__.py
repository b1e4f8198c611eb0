"""What a browser finds here: small pages of plain HTML, which work without scripts, and their one style sheet."""
