"""What is published of a vote, so that anybody can check and count it again."""
