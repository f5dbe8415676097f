"""What must hold in the catalogue, checked with the books."""

# Each query answers (id of the offender, what is wrong with it).
SHOP: dict[str, str] = {
    "a product that is on sale can be bought": """
        select p.id, p.title_en from shop_product p where p.status = 'on_sale' and not exists (
          select 1 from shop_variant v where v.product_id = p.id and v.status = 'on_sale')""",
    "a product shows pictures that are there": """
        select p.id, one from shop_product p, jsonb_array_elements_text(p.pictures) one
         where not exists (select 1 from media_picture m where m.id = one::uuid)""",
    "a variant names a value of each option": """
        select v.id, v.sku from shop_variant v join shop_product p on p.id = v.product_id
         where v.status <> 'retired'
           and jsonb_array_length(v.choice) <> jsonb_array_length(p.options)""",
}
