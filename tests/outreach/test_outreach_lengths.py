"""How long a text is: syllables as a reader says them, times, and the limits of each channel."""

import shutil
import subprocess
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import NOON
from tests.factories.told_world import SCRIPT

from lachan.foundation.taxonomy import LengthUnit, outreach_channel, outreach_channels
from lachan.outreach import Words, measured, syllables


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), ("Bà con cúp máy ngay.", 5), ("nghiêng khuya quyền giữ oan uỷ", 6), ("CẢNH BÁO", 2),
        ("mã OTP", 4), ("UBND xã", 5), ("VNeID", 5), ("Zalo", 2), ("Facebook", 3), ("113", 5), ("5", 1),
        ("0206 3852 113", 16), ("50.000.000 đồng", 6), ("2 giờ 30", 5), ("– … !", 0), ("SIM", 1),
    ],
)  # fmt: skip
def test_syllables_as_they_are_said(text: str, count: int) -> None:
    assert syllables(text) == count


@given(st.text(max_size=300), st.text(max_size=300))
def test_more_text_never_takes_less_time(one: str, more: str) -> None:
    assert syllables(f"{one}\n{more}") == syllables(one) + syllables(more)


def test_a_loudspeaker_script_is_read_in_under_two_minutes() -> None:
    channel = outreach_channel("loudspeaker", NOON)
    assert channel.pace == 180
    fits, over = Words("x", "cúp " * 357), Words("x", "cúp " * 358)
    assert (measured(fits, channel).seconds, measured(fits, channel).fits) == (119, True)
    assert (measured(over, channel).seconds, measured(over, channel).fits) == (120, False)


def test_every_channel_says_its_limit_and_whether_it_is_assumed() -> None:
    for channel in outreach_channels(NOON):
        assert (channel.pace is not None) == (channel.unit is LengthUnit.SECONDS)
        assert channel.assumed == (channel.source == "[D]")
        length = measured(Words("", "a" * (channel.most + 1) if channel.pace is None else "a " * 20_000), channel)
        assert not length.fits
        assert measured(Words("x" * channel.title_most, "a"), channel).fits
        assert not measured(Words("x" * (channel.title_most + 1), "a"), channel).fits


def test_signs_and_steps_count() -> None:
    channel = outreach_channel("web_page", NOON)
    assert measured(Words("", "abc", ("de",), ("f",)), channel).used == len("abc\nde\nf")


def test_a_speaking_program_agrees(tmp_path: Path) -> None:
    """The estimate is checked by ear of a machine: espeak-ng at the same pace, where it is installed."""
    program = shutil.which("espeak-ng")
    if program is None:
        pytest.skip("espeak-ng is not installed")
    channel = outreach_channel("loudspeaker", NOON)
    target = tmp_path / "script.wav"
    subprocess.run(
        [program, "-v", "vi", "-s", str(channel.pace), "-w", str(target), SCRIPT.text], check=True, timeout=60
    )
    with wave.open(str(target)) as spoken:
        seconds = spoken.getnframes() / spoken.getframerate()
    estimated = measured(SCRIPT, channel).seconds
    assert estimated is not None
    assert 0.6 * seconds <= estimated <= 1.6 * seconds
