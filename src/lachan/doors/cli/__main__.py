"""`python -m lachan.doors.cli`, for processes that this program starts itself."""

from lachan.doors.cli.main import main

main()
