"""customers: who a company's customers are and what they traded, told from orders and activities in any order."""
