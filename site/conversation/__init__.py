"""Comments and moderation."""
