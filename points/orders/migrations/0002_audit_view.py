"""The auditors' view of orders."""

from django.db import migrations

VIEW = """
create view audit_order as
  select o.id as order_id, o.channel, o.external_id, o.member_id, o.status, o.currency,
         o.goods_cents, o.refunded_cents, o.points_earned, o.points_clawed_back,
         o.points_returned, o.offset_points, o.placed_at, o.completed_at,
         (select coalesce(sum(l.points), 0) from orders_orderline l where l.order_id = o.id)
           as line_points
    from orders_order o;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.RunSQL(VIEW, "drop view audit_order")]
