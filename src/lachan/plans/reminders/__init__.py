"""Reminders and urging: by steps that are dated data, told in the list, by e-mail and by letter, each once."""
