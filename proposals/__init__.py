"""What residents bring: proposals (voorstellen)."""
