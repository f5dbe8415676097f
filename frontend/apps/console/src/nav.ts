import type { Component } from 'vue'
import IconApprovals from '~icons/stamp'
import IconAudit from '~icons/history'
import IconBacktests from '~icons/experiment'
import IconBill from '~icons/transaction-order'
import IconBroadcast from '~icons/broadcast'
import IconBrand from '~icons/platte'
import IconCrown from '~icons/crown'
import IconDashboard from '~icons/dashboard-one'
import IconFields from '~icons/id-card'
import IconGift from '~icons/gift'
import IconImports from '~icons/inbox-in'
import IconKey from '~icons/key'
import IconMembers from '~icons/peoples'
import IconProgram from '~icons/setting-config'
import IconSettlement from '~icons/bill'
import IconFunding from '~icons/wallet'
import IconRules from '~icons/rocket-one'
import IconRedemption from '~icons/ticket'
import IconStaff from '~icons/permissions'
import IconSegments from '~icons/filter'
import { can } from './session.ts'

export interface NavItem {
  /** Name of the route, and of its texts. */
  name: string
  icon: Component
  /** Any one of these opens the page; none means everybody's. */
  needs: string[]
}

export interface NavGroup {
  name: string
  items: NavItem[]
}

const NAV: NavGroup[] = [
  { name: 'overview', items: [{ name: 'dashboard', icon: IconDashboard, needs: [] }] },
  {
    name: 'members',
    items: [
      { name: 'members', icon: IconMembers, needs: ['members:read'] },
      { name: 'tiers', icon: IconCrown, needs: ['settings:read'] },
      { name: 'approvals', icon: IconApprovals, needs: ['points:write'] },
      { name: 'segments', icon: IconSegments, needs: ['members:read'] },
      { name: 'imports', icon: IconImports, needs: ['imports:read'] },
    ],
  },
  {
    name: 'points',
    items: [
      { name: 'rules', icon: IconRules, needs: ['settings:read'] },
      { name: 'backtests', icon: IconBacktests, needs: ['settings:read'] },
      { name: 'funding', icon: IconFunding, needs: ['settings:read'] },
      { name: 'settlement', icon: IconSettlement, needs: ['reports:read'] },
    ],
  },
  {
    name: 'store',
    items: [
      { name: 'mall', icon: IconGift, needs: ['mall:read'] },
      { name: 'redemptions', icon: IconRedemption, needs: ['mall:read'] },
    ],
  },
  { name: 'orders', items: [{ name: 'orders', icon: IconBill, needs: ['orders:read'] }] },
  {
    name: 'settings',
    items: [
      { name: 'program', icon: IconProgram, needs: ['settings:read'] },
      { name: 'member-fields', icon: IconFields, needs: ['settings:read'] },
      { name: 'brand', icon: IconBrand, needs: ['settings:read'] },
      { name: 'api-keys', icon: IconKey, needs: ['api_keys:read'] },
      { name: 'webhooks', icon: IconBroadcast, needs: ['webhooks:read'] },
      { name: 'staff', icon: IconStaff, needs: ['staff:read'] },
      { name: 'audit', icon: IconAudit, needs: ['audit:read'] },
    ],
  },
]

/** The menu as the person signed in may see it. */
export function visibleNav(): NavGroup[] {
  return NAV.map((group) => ({ ...group, items: group.items.filter((item) => can(...item.needs)) })).filter(
    (group) => group.items.length > 0,
  )
}

/** What a page asks of the person who opens it. */
export function needsOf(name: string): string[] {
  return NAV.flatMap((group) => group.items).find((item) => item.name === name)?.needs ?? []
}
