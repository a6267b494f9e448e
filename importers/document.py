"""A document that comes in: what it is called and its bytes, which are read once and passed on.

    document = Document(Path("inbox/kontoutdrag.xml"))
    document.head                  # how it begins, by which doors know it
    document.records(read_camt)    # what a codec reads in it

`Document(path, content)` is one that has been read already, or that stands in another, such as an envelope.
"""

import hashlib
import re
from collections.abc import Callable
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

Records = TypeVar("Records")

_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf)+(?=\xef\xbb\xbf)")
HEAD = 65536
"""The bytes of a document's beginning."""


class Document:
    """A document by its path. Raises OSError where the file cannot be read."""

    def __init__(self, path: Path, content: bytes | None = None) -> None:
        self.path = path
        self._content = content
        self._records: dict[Callable[[Document], Any], Any] = {}

    def __str__(self) -> str:
        return str(self.path)

    @property
    def suffix(self) -> str:
        return self.path.suffix

    @property
    def is_ordinary(self) -> bool:
        """Whether it is a file, or lacks; what else has a path, such as a folder or a device, is no document."""
        return self._content is not None or self.path.is_file() or not self.path.exists()

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self._content is None else len(self._content)

    def read(self) -> bytes:
        """Return all of it; the disk is asked once."""
        if self._content is None:
            self._content = self.path.read_bytes()
        return self._content

    @property
    def text(self) -> bytes:
        """All of it but byte order marks before the last of those that it begins with: some editors add one each."""
        return _with_one_mark(self.read())

    @property
    def head(self) -> bytes:
        """How its text begins; of a large document that nobody has read yet, no more is read."""
        if self._content is not None:
            return _with_one_mark(self._content[:HEAD])
        with self.path.open("rb") as file:
            return _with_one_mark(file.read(HEAD))

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.read()).hexdigest()

    def open(self, mode: str = "rb") -> BinaryIO:
        """Return the bytes as a file, as a path does."""
        assert mode == "rb", mode
        return BytesIO(self.read())

    def records(self, codec: "Callable[[Document], Records]") -> Records:
        """Return what a codec reads in it; it is asked once. Raises DocumentError."""
        if codec not in self._records:
            self._records[codec] = codec(self)
        found: Records = self._records[codec]
        return found


def _with_one_mark(content: bytes) -> bytes:
    return _MARKS.sub(b"", content, count=1)
