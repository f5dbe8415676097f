"""What the shop refuses: catalogue, cart and addresses."""

from django.utils.translation import gettext_lazy

from kernel.errors import DomainError


class CategoryNotFound(DomainError):
    code, status = "shop.category_not_found", 404
    message = gettext_lazy("There is no such category.")


class CategoryCodeTaken(DomainError):
    code = "shop.category_code_taken"
    message = gettext_lazy("Another category has the code %(code)s.")


class ProductNotFound(DomainError):
    code, status = "shop.product_not_found", 404
    message = gettext_lazy("There is no such product.")


class ProductIncomplete(DomainError):
    code, status = "shop.product_incomplete", 400
    message = gettext_lazy("A product needs a title in at least one language.")


class NothingToSell(DomainError):
    code = "shop.nothing_to_sell"
    message = gettext_lazy("A product can only be on sale with a variant that is.")


class OptionsInvalid(DomainError):
    code, status = "shop.options_invalid", 400
    message = gettext_lazy(
        "Each variant names one value of every option, and no two name the same ones."
    )


class SkuTaken(DomainError):
    code = "shop.sku_taken"
    message = gettext_lazy("Another variant has the article number %(sku)s.")


class VariantNotFound(DomainError):
    code, status = "shop.variant_not_found", 404
    message = gettext_lazy("There is no such variant.")


class OutOfStock(DomainError):
    code = "shop.out_of_stock"
    message = gettext_lazy("There is not enough left of what you want.")


class StockUncounted(DomainError):
    code = "shop.stock_uncounted"
    message = gettext_lazy("The stock of this variant is not counted; set a number first.")


class StockBelowZero(DomainError):
    code = "shop.stock_below_zero"
    message = gettext_lazy("There are only %(stock)s left to take away.")


class NotForSale(DomainError):
    code = "shop.not_for_sale"
    message = gettext_lazy("This cannot be bought now.")


class CartFull(DomainError):
    code = "shop.cart_full"
    message = gettext_lazy("A cart holds at most %(limit)s different things.")


class AddressNotFound(DomainError):
    code, status = "shop.address_not_found", 404
    message = gettext_lazy("There is no such address.")


class TooManyAddresses(DomainError):
    code = "shop.too_many_addresses"
    message = gettext_lazy("You can keep at most %(limit)s addresses.")
