"""The cockpit: pictures of it, and what its keys do."""
