"""Judging published events against scenario labels. Labels enter here and nowhere else; nothing here is read by what scores."""
