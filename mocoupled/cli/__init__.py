"""The command line: a file per command or group of commands, and what they share."""
