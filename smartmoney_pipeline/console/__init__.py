"""What the command line shows: one module a subject, laid out with rich. Nothing here scores; it opens, looks up and lays out."""
