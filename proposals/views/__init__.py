"""Pages of proposals; thin: access, form, action, response."""
