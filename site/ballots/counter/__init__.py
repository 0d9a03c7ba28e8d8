"""Voting at the counter: staff see who somebody is and give a pass; the voter uses it on a device without anybody's session."""
