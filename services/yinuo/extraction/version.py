"""Which rules these are. Raise VERSION when a change is meant to alter rows."""

NAME = "yinuo"
VERSION = "0.1.0"
