"""The golden hour, played on a sandbox province of real HTTP institutions."""

from lachan.doors.cli.demo.play import run

__all__ = ["run"]
