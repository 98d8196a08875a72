"""Bytes and files to articles, articles to the topic."""
