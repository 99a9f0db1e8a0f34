"""Shows: the cockpit. Widgets draw values and post messages, screens decide, the desk knows."""
