"""Who takes money for hosted use."""
