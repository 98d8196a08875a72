"""Postgres: migrations, one transaction a batch, queries. Knows no Kafka client and no Chinese."""
