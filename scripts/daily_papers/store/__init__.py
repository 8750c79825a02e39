"""The facts that are kept from night to night, and how new ones are merged in."""
