"""The record: engine, unit of work, migrations and the job table, on SQLite and PostgreSQL."""
