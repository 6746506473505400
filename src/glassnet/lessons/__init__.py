"""Lessons: small networks, computed with the chapter's own code and told in plain words."""
