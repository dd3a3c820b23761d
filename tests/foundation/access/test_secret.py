"""The instance's secret: one file, one key for every use."""

from pathlib import Path

import pytest

from lachan.foundation.access import InstanceSecret, instance_secret
from lachan.foundation.base import NotReady


def test_it_is_made_once_and_kept_private(tmp_path: Path) -> None:
    with pytest.raises(NotReady):
        instance_secret(tmp_path)
    made = instance_secret(tmp_path, create=True)
    assert instance_secret(tmp_path, create=True) == made == instance_secret(tmp_path)
    file = tmp_path / "keys" / "instance.key"
    assert file.stat().st_mode & 0o077 == 0
    assert made.root.hex() not in repr(made)
    for broken in (b"", b"abc", b"%%%"):
        file.write_bytes(broken)
        with pytest.raises(NotReady):
            instance_secret(tmp_path)


def test_every_use_has_its_own_key() -> None:
    one, other = InstanceSecret(bytes(32)), InstanceSecret(bytes(31) + b"\x01")
    assert len({one.derive("a"), one.derive("b"), other.derive("a")}) == 3
    assert one.mark("a", "x") == one.mark("a", "x")
    assert len({one.mark("a", "x"), one.mark("a", "y"), one.mark("b", "x"), other.mark("a", "x")}) == 4


def test_what_is_sealed_opens_with_the_same_secret_and_use_only() -> None:
    one, other = InstanceSecret(bytes(32)), InstanceSecret(bytes(31) + b"\x01")
    sealed = one.seal("a", "bí mật")
    assert "bí mật" not in sealed
    assert one.unseal("a", sealed) == "bí mật"
    for reader, use in ((one, "b"), (other, "a")):
        with pytest.raises(NotReady):
            reader.unseal(use, sealed)
