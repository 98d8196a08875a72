"""The command line: one file a command group; assembles, decides nothing; nobody imports it."""
