"""Downloads: tables in other formats, and what explains them to people and machines."""
