"""Archives: a zip file that holds documents is those documents, each by its own name.

    forbundsbok import inbox/bankfiler-2025-03.zip

bankfiler-2025-03.zip/kontoutdrag-0314.xml (camt.053): 3 verifikationer: I 12-13, U 8

An archive is read in memory and nothing of it is written: what its members are called leads nowhere. Each member that
comes in is kept as it came. How many they are and how large is bounded before they are read, and while they are, since
an archive may say less than it holds. Archives in it, such as those of each day in that of a month, are read with it, a
few deep. What an office program has saved is an archive too, and no archive of documents.
What is for a person to read, such as LÄSMIG.txt or a picture of an invoice, may stand beside the documents.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath

from forbundsbok.importers.document import Document
from forbundsbok.importers.problems import DocumentError, refused_whole
from forbundsbok.plugins.findings import Message, phrase
from forbundsbok.plugins.language import N_

MOST_MEMBERS, MOST_DEEP = 1000, 3
_BEGINNING = b"PK\x03\x04"
_NOTHING = b"PK\x05\x06"
"""How an archive begins, and one that is empty."""
_OF_OFFICE = ("[Content_Types].xml", "mimetype")
_ENCRYPTED = 0x1
_FOR_PERSONS = {
    *(".txt", ".md", ".pdf", ".htm", ".html", ".rtf", ".csv", ".log", ".url"),
    *(".doc", ".docx", ".xls", ".xlsx", ".odt", ".ods", ".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff"),
}
"""How the names of what a person reads end."""


@dataclass
class _Left:
    """What may still be read of an archive, with all that is in it."""

    most_bytes: int
    size: int
    members: int = MOST_MEMBERS


def members(document: Document, most_bytes: int) -> list[Document]:
    """Return the documents that an archive holds; a document that is no archive itself. Raises DocumentError."""
    return _documents(document, _Left(most_bytes, most_bytes), MOST_DEEP)


def _documents(document: Document, left: _Left, deep: int) -> list[Document]:
    if not document.head.startswith((_BEGINNING, _NOTHING)):
        return [document]
    try:
        with zipfile.ZipFile(document.open()) as archive:
            if any(info.filename in _OF_OFFICE for info in archive.infolist()):
                return [document]
            if not deep:
                text = N_("archives stand in it more than {most} deep: unpack it, and give the files")
                raise _refused(document, phrase(text, most=MOST_DEEP))
            found = list(_members(document, archive, left))
    # What is packed in a way that zipfile does not know, it says by NotImplementedError.
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise _refused(document, phrase("the archive cannot be read: {why}", why=str(error))) from None
    if not found:
        raise _refused(document, phrase("there is no document in the archive"))
    return [
        each
        for member in found
        for each in ([member] if is_for_persons(member.path) else _documents(member, left, deep - 1))
    ]


def _members(document: Document, archive: zipfile.ZipFile, left: _Left) -> Iterator[Document]:
    files = [info for info in archive.infolist() if not info.is_dir() and not _is_hidden(info.filename)]
    left.members -= len(files)
    if left.members < 0:
        text = N_("the archive holds {count} files, and no more than {most} are read: give it in parts")
        raise _refused(document, phrase(text, count=MOST_MEMBERS - left.members, most=MOST_MEMBERS))
    for info in files:
        name = PurePosixPath(info.filename.replace("\\", "/")).name
        if info.flag_bits & _ENCRYPTED:
            text = N_("{name} in the archive has a password: unpack it, and give the files")
            raise _refused(document, phrase(text, name=name))
        with archive.open(info) as member:
            content = member.read(left.size + 1)
        left.size -= len(content)
        if left.size < 0:
            text = N_("the archive holds more than {size} MB: give it in parts")
            raise _refused(document, phrase(text, size=left.most_bytes // 1_000_000))
        yield Document(document.path / name, content)


def is_for_persons(name: PurePath) -> bool:
    """Tell whether a file is for a person to read, by how its name ends."""
    return name.suffix.lower() in _FOR_PERSONS


def _is_hidden(name: str) -> bool:
    """Tell whether a system has put a file there for itself."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith("."))


def _refused(document: Document, message: Message) -> DocumentError:
    return refused_whole(document, message)
