import type { MemberRow, OrderRow } from '@jifen/api/console'
import type { Formatter } from '@jifen/shared'
import type { Component } from 'vue'
import type { RouteLocationRaw } from 'vue-router'

/** One line of the palette. */
export interface Finding {
  key: string
  kind: 'page' | 'member' | 'order'
  title: string
  detail: string
  to: RouteLocationRaw
  icon?: Component
}

export interface FinderPage {
  name: string
  title: string
  icon: Component
}

const contains = (title: string, text: string): boolean => title.toLowerCase().includes(text.trim().toLowerCase())

/** Pages whose name contains the text, then members, then orders. */
export function findings(
  text: string,
  pages: FinderPage[],
  members: MemberRow[],
  orders: OrderRow[],
  format: Pick<Formatter, 'points' | 'money'>,
): Finding[] {
  return [
    ...pages
      .filter((page) => contains(page.title, text) || contains(page.name, text))
      .map((page): Finding => ({ key: page.name, kind: 'page', title: page.title, detail: '', to: { name: page.name }, icon: page.icon })),
    ...members.map((member): Finding => ({
      key: `member-${member.id}`,
      kind: 'member',
      title: member.name ?? member.external_id,
      detail: format.points(member.points.available),
      to: { name: 'member', params: { id: member.id } },
    })),
    ...orders.map((order): Finding => ({
      key: `order-${order.id}`,
      kind: 'order',
      title: order.external_id,
      detail: format.money(order.paid_cents, { currency: order.currency }),
      to: { name: 'order', params: { id: order.id } },
    })),
  ]
}
