"""What an organisation and the people in its books have a right to: their data to take along, and its deletion."""
