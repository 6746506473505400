"""Any source of a table, read as plain columns."""
