"""The catalogues of sentences as files."""

import pytest
import yaml

from lachan.foundation.base import languages


def test_a_sentence_written_twice_is_refused() -> None:
    """YAML would keep the last one without a word: what was corrected above would never be seen."""
    read = languages._Loader
    twice_apart = {"web": {"a": "x", "b": "x"}, "other": {"a": "y"}}
    assert yaml.load("web: {a: x, b: x}\nother: {a: y}", Loader=read) == twice_apart
    with pytest.raises(ValueError, match=r"told is written twice.*line 2"):
        yaml.load("web:\n  told: 'x'\n  told: 'y'", Loader=read)
