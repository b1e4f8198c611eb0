"""A bucket of a real object store, as its owner sees it: past Flowdock, by the store's own API."""

from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx2

from tests.services.objects import REGION, ObjectStore

KEY = "the-key's-name"
SECRET = "sec+ret/with=signs"
_AS_OWNER = {"Authorization": f"AWS4-HMAC-SHA256 Credential=owner/20200101/{REGION}/s3/aws4_request"}
"""The test's store looks whether somebody signs, but not with what."""


class Bucket:
    """One bucket, made at once."""

    def __init__(self, objects: ObjectStore, name: str) -> None:
        self.name = name
        self.endpoint = objects.endpoint
        objects.bucket(name)

    def address(self, prefix: str = "", **query: str) -> str:
        """Where files are kept in it: a Flowdock address that says everything itself."""
        wanted = {
            "endpoint": self.endpoint,
            "region": REGION,
            "access_key_id": KEY,
            "secret_access_key": SECRET,
            **query,
        }
        return f"s3://{self.name}{prefix and '/'}{prefix}?{urlencode(wanted)}"

    def unfinished(self) -> list[str]:
        """The keys of uploads in parts that were neither finished nor given up."""
        answer = httpx2.get(f"{self.endpoint}/{self.name}?uploads", headers=_AS_OWNER)
        answer.raise_for_status()
        return [upload.text or "" for upload in ET.fromstring(answer.text).iterfind("{*}Upload/{*}Key")]

    def headers(self, location: str) -> Mapping[str, str]:
        """What the store says of an object."""
        answer = httpx2.head(f"{self.endpoint}/{self.name}/{location}", headers=_AS_OWNER)
        answer.raise_for_status()
        return answer.headers

    def has(self, location: str) -> bool:
        """Whether there is such an object."""
        return httpx2.head(f"{self.endpoint}/{self.name}/{location}", headers=_AS_OWNER).status_code == 200

    def put(self, location: str, body: bytes) -> None:
        """Replace an object, as somebody else with access could."""
        httpx2.put(f"{self.endpoint}/{self.name}/{location}", content=body, headers=_AS_OWNER).raise_for_status()

    def open_to_everybody(self) -> None:
        """Let people without credentials read it; write they may in the test's store anyhow."""
        reading = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{self.name}/*"}
        policy = {"Version": "2012-10-17", "Statement": [reading]}
        httpx2.put(f"{self.endpoint}/{self.name}?policy", json=policy, headers=_AS_OWNER).raise_for_status()
