"""The documentation's site at `/help`, which `make docs` builds into the folder `site` of this package."""
