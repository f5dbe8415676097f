"""Who invited whom, distributors and commissions. Never moves money: flows do."""
