"""The market round each print: alignment, signing, forwards, implied volatility and greeks.

Belongs here: what is read off quotes and prices, print by print. Does not: grouping prints into events, features, scores.
"""
