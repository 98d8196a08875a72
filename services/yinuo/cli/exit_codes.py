"""How a command can end: the exit codes of contract and README, and nothing else."""

DONE = 0
"""Done, also when nothing matched."""
FAILED = 1
"""An input or a service failed; the rest is done."""
MISUSED = 2
"""Bad use, a missing path included: nothing was done."""
INTERRUPTED = 130
"""Ctrl-C in a one-shot command."""
