"""The seven analyses (P3, P7): what their figures are, and what is computed of them besides sums."""
