"""The market check: statistics of a generated day held against published ones. Reads plain tables; knows no generator and no scorer."""
