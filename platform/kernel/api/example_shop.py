"""Examples of the shop: products, variants, carts, addresses, pictures."""

from kernel.api.example_values import ID, Values

_PICTURE = f"/media/{ID}.webp"
_TITLES: Values = {
    "title": "Longjing", "title_zh": "龙井", "title_en": "Longjing",
    "description_zh": "明前采摘，豆香清扬。", "description_en": "Picked before Qingming.",
    "description": "Picked before Qingming.",
}  # fmt: skip
_PRODUCT: Values = {
    **_TITLES, "status": "on_sale", "category": "tea", "position": 1, "pictures": [ID],
    "category_name": "Tea", "picture": _PICTURE, "from_cents": 5_000, "to_cents": 9_000,
    "stock": 13, "is_sold_out": False, "low_stock_variants": 1, "variants_count": 2,
    "sold_count": 84, "takes_points": True, "has_member_price": True,
}  # fmt: skip
_VARIANT: Values = {
    "sku": "TEA-100", "choice": [0], "label": "Small", "price_cents": 9_000, "sold_count": 12,
    "compare_at_cents": 9_900, "stock": 3, "low_stock_at": 5, "status": "on_sale",
    "member_price_cents": 8_550, "state": "available", "stock_left": 3,
}  # fmt: skip
_CATEGORY: Values = {
    "code": "tea", "name": "Tea", "name_zh": "茶叶", "name_en": "Tea", "position": 1,
    "on_sale_count": 12,
}  # fmt: skip
_ADDRESS: Values = {
    "name": "Mei", "phone": "13800000001", "region": "Shanghai", "line": "1 Tea Road",
    "is_default": True,
}  # fmt: skip
_PLACED: Values = {"id": ID, "url": _PICTURE}

SHOP: dict[str, Values] = {
    "AddressView": {"body": {"is_default": True}},
    "CartLineIn": {"variant_id": ID, "quantity": 2},
    "CartLineOut": {
        "title": "Longjing", "label": "Small", "picture": _PICTURE, "quantity": 2,
        "price_cents": 4_750, "list_price_cents": 5_000, "total_cents": 9_500,
        "state": "available", "left": None,
    },
    "CartOut": {
        "pieces": 2, "list_cents": 10_000, "saved_cents": 500, "total_cents": 9_500,
        "free_shipping_from_cents": 9_900, "free_shipping_missing_cents": 400,
        "can_check_out": True,
    },
    "CategoryChange": _CATEGORY,
    "CategoryIn": _CATEGORY,
    "CategoryOut": _CATEGORY,
    "OptionValue": {"zh": "小", "en": "Small"},
    "PictureOut": {**_PLACED, "width": 1_600, "height": 1_200, "file_name": "longjing.jpg"},
    "PictureRef": _PLACED,
    "ProductCardOut": {
        "title": "Longjing", "picture": _PICTURE, "from_cents": 5_000, "to_cents": 9_000,
        "member_from_cents": 4_750, "compare_at_cents": 9_900, "is_sold_out": False,
        "sold_count": 84,
    },
    "ProductChange": _PRODUCT,
    "ProductIn": _PRODUCT,
    "ProductOption": {"name_zh": "规格", "name_en": "Size"},
    "ProductOut": {**_PRODUCT, "pictures": [_PLACED]},
    "ProductPageOut": {
        **_TITLES, "pictures": [_PICTURE], "category": "Tea", "is_on_sale": True,
        "takes_points": True, "sold_count": 84,
    },
    "ProductQuery": {"search": "longjing", "category": "tea"},
    "SkuQuery": {"search": "longjing"},
    "SkuChoice": {"code": "LJ-50", "name": "Longjing · LJ-50"},
    "ProductRow": _PRODUCT,
    "QuantityIn": {"quantity": 2},
    "SavedAddressChange": _ADDRESS,
    "SavedAddressIn": _ADDRESS,
    "SavedAddressOut": _ADDRESS,
    "ShopCategoryOut": {"code": "tea", "name": "Tea"},
    "ShopOptionOut": {"name": "Size", "values": ["Small", "Large"]},
    "ShopQuery": {"search": "longjing", "category": "tea"},
    "ShopVariantOut": _VARIANT,
    "StatusesIn": {"product_ids": [ID], "status": "paused"},
    "StatusesOut": {"changed": 1},
    "VariantIn": _VARIANT,
    "VariantOut": _VARIANT,
    "VariantStock": {"body": {"delta": 12, "reason": "came in"}},
}  # fmt: skip
