"""Faust agent, writer, dead letters: bytes from topic to topic to rows. Knows no Chinese."""
