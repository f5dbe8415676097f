"""Coupon templates and the coupons issued from them. Never knows what an order is, nor moves points."""
