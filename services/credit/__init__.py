"""Credit: how much a customer may owe, who decided that, and when it is too much."""
