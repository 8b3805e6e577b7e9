"""The record of calls: tables, their migrations, and short transactions on SQLite or PostgreSQL."""
