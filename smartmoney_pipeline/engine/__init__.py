"""The one engine: drives the stages over chunks of a day with carried state, and lays their results out as tables.

Belongs here: order of the stages, chunks, what each stage is handed. Formulas, rules and file formats live in the stages.
"""
