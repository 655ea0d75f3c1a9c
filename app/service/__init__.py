"""The use cases, as plain functions over a store."""
