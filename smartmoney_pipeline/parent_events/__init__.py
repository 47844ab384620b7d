"""Prints to packets, packets to parent events, and their structures, links and identities. Belongs here: what prints belong together
and how surely; what an event means is said by features and profiles."""
