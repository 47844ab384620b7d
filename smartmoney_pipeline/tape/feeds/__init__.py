"""Readers of vendor files. Each turns the rows of one file into canonical columns, chunk by chunk, in bounded memory."""
