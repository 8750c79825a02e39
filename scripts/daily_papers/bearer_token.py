"""Send a token with a request, to GitHub or to another service."""

import requests
from requests.auth import AuthBase


class BearerToken(AuthBase):
    """Adds the token late: no mapping of headers has it, and ~/.netrc is not read."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return `request` with the token, if there is one."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def redact(self, text: str) -> str:
        """Return `text` without the token."""
        return text.replace(self._token, "***") if self._token else text
