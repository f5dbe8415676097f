"""What a merchant's members do. Everything here lives in the merchant's own schema."""
