"""scoring: which class and level each customer has, decided anew with every order and every day (K1-K6)."""
