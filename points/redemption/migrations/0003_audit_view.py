"""The auditors' view of stock: what was there, what went out and came back."""

from django.db import migrations

VIEW = """
create view audit_stock as
  select i.id as mall_item_id, i.stock, i.redeemed_count,
         (select coalesce(sum(r.quantity), 0) from redemption_redemption r
           where r.item_id = i.id and r.status <> 'cancelled') as redeemed_quantity
    from redemption_mallitem i;
"""


class Migration(migrations.Migration):
    dependencies = [("redemption", "0002_functions")]
    operations = [migrations.RunSQL(VIEW, "drop view audit_stock")]
