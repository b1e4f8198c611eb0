"""A browser without scripts: it keeps cookies, fills in forms as people do, and says where a form comes from."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.contract.plain import Answer, ask


@dataclass
class Form:
    """A form of a page: where it leads to, and what it says before anybody types."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.found.append(Form(named["action"] or ""))
        elif tag == "input" and named.get("name"):
            self.found[-1].fields[str(named["name"])] = named.get("value") or ""


class Browser:
    """What somebody sees: `page` is the answer that is shown, `address` where it is, ours or elsewhere."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies: dict[str, str] = {}
        self.address = ""
        self.page: Answer

    @property
    def text(self) -> str:
        """The page as it came."""
        return self.page.body.decode()

    @property
    def told(self) -> dict[str, str]:
        """The parameters in the address."""
        return dict(parse_qsl(urlsplit(self.address).query))

    def open(self, target: str) -> Answer:
        """Go to an address here, and wherever it leads."""
        return self._request("GET", target)

    def submit(self, action: str, *, origin: str | None = None, **typed: Any) -> Answer:
        """Send the form of this page that leads to `action`."""
        parser = _Forms()
        parser.feed(self.text)
        form = next(form for form in parser.found if form.action == action)
        body = urlencode({**form.fields, **typed}).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.url if origin is None else origin,
        }
        return self._request("POST", action, headers, body)

    def sign_in(self, email: str, password: str) -> Answer:
        """Fill in the form that asks who this is."""
        return self.submit("/login", email=email, password=password)

    def _request(
        self, method: str, target: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.page = ask(self.url, method, target, headers={**(headers or {}), **cookie}, body=body)
        self.address = f"{self.url}{target}"
        for line in self.page.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        to = self.page.headers["Location"]
        if to is None:
            return self.page
        if to.startswith("/"):
            return self._request("GET", to)
        self.address = to
        return self.page
