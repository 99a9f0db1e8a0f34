"""Draw values and post messages; they know no engine, source or action."""
