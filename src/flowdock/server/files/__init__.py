"""Bodies of files: what was uploaded, where it is kept, and the short-lived addresses under which it is fetched."""

from flowdock.server.files.bodies import Files, StoredFile
from flowdock.server.files.failures import PlaceFailed
from flowdock.server.files.uploads import Upload, upload_from_json

__all__ = ["Files", "PlaceFailed", "StoredFile", "Upload", "upload_from_json"]
