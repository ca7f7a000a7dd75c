"""What the commands print: a result, a case or a comparison as text that a person reads."""
