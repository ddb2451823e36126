"""How much credit a customer gets: limits and what they are measured against."""
