"""Published laws; they know no solver."""
