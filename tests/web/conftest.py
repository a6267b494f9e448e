"""What `web.serve` puts in the place of Fava's own parts is taken out again: other tests ask Fava as it is."""

from collections.abc import Iterator

import pytest
from fava import core

REPLACED = ("load_uncached", "ExtensionModule", "IngestModule", "FileModule")


@pytest.fixture(autouse=True, scope="module")
def fava_as_it_is() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in REPLACED:
            patch.setattr(core, name, getattr(core, name))
        yield
