"""The storefront's endpoints, one module per page of the shop."""
