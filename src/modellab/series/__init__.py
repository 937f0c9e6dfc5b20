"""Series: reducing curves honestly. Pure functions on numbers; no files, no database, no clock."""
