"""Reads files and tables as datasets: format, columns, first rows. Keeps nothing."""
