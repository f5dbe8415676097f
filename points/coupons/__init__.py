"""Coupons: templates, the coupons issued from them, what one takes off a basket, and its life.

Owns both tables. Never knows what an order is: a basket is lines of goods, a use is a reference and
an amount. Never moves points or money, and never asks who may have a coupon: flows do.
"""
