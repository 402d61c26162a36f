"""D1–D4: measures of a customer, scores made of them, and resources shared out by score."""
