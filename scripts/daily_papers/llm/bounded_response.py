"""Bound the size of an endpoint's responses, also after they are decompressed."""

import zlib
from collections.abc import Iterator
from typing import Any

import httpx2

MAX_BYTES = 2**20
"""Bytes of an answer; a longer one is an error."""
_GZIP = 16 + zlib.MAX_WBITS


class BoundedTransport(httpx2.SyncByteStream):
    """A response's body; reading it raises ValueError when it gets too long."""

    def __init__(self, stream: Any, encoding: str) -> None:  # noqa: ANN401 - of either kind
        self._stream = stream
        self._encoding = encoding

    @classmethod
    def limit(cls, response: httpx2.Response) -> None:
        """Put it in place of a response's body, and decompress that here."""
        encoding = response.headers.pop("content-encoding", "identity").strip().lower()
        response.stream = cls(response.stream, encoding)

    def __iter__(self) -> Iterator[bytes]:
        if self._encoding not in ("identity", "", "gzip", "x-gzip"):
            raise ValueError("the answer has an encoding that was not asked for")
        unpacker = zlib.decompressobj(_GZIP) if "gzip" in self._encoding else None
        length = 0
        for chunk in self._stream:
            try:
                data = unpacker.decompress(chunk, MAX_BYTES + 1 - length) if unpacker else chunk
            except zlib.error as error:
                raise ValueError("the answer cannot be decompressed") from error
            length += len(data)
            if length > MAX_BYTES:
                raise ValueError("the answer is too long")
            yield data

    def close(self) -> None:
        """Close the connection's stream."""
        self._stream.close()
