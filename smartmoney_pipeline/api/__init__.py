"""HTTP, streams and access over what is published. Reads tables and encodes them; computes no score."""
