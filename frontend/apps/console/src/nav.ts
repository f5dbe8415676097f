import type { Component } from 'vue'
import IconApprovals from '~icons/stamp'
import IconAudit from '~icons/history'
import IconBacktests from '~icons/experiment'
import IconBill from '~icons/transaction-order'
import IconBroadcast from '~icons/broadcast'
import IconBrand from '~icons/platte'
import IconCrown from '~icons/crown'
import IconDashboard from '~icons/dashboard-one'
import IconCoupon from '~icons/coupon'
import IconFields from '~icons/id-card'
import IconCategories from '~icons/bookshelf'
import IconProducts from '~icons/shopping'
import IconGift from '~icons/gift'
import IconImports from '~icons/inbox-in'
import IconKey from '~icons/key'
import IconMembers from '~icons/peoples'
import IconPayments from '~icons/bank-card'
import IconProgram from '~icons/setting-config'
import IconSettlement from '~icons/bill'
import IconFunding from '~icons/wallet'
import IconRules from '~icons/rocket-one'
import IconPickup from '~icons/scan-code'
import IconRedemption from '~icons/ticket'
import IconReferrals from '~icons/people-plus'
import IconDistributors from '~icons/every-user'
import IconCommissions from '~icons/finance'
import IconReferralRules from '~icons/share'
import IconStaff from '~icons/permissions'
import IconSegments from '~icons/filter'
import IconCash from '~icons/red-envelope'
import IconRedPackets from '~icons/red-envelopes'
import IconWithdrawals from '~icons/finance'
import { boot } from './boot.ts'
import IconShopOrders from '~icons/shopping-bag-one'
import IconShopRefunds from '~icons/return'
import { can } from './session.ts'

export interface NavItem {
  /** Name of the route, and of its texts. */
  name: string
  icon: Component
  /** Any one of these opens the page; none means everybody's. */
  needs: string[]
  /** Shown only in shops that use it. */
  feature?: 'cash'
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
      { name: 'pickup', icon: IconPickup, needs: ['mall:write'] },
      { name: 'coupons', icon: IconCoupon, needs: ['coupons:read'] },
      { name: 'red-packets', icon: IconRedPackets, needs: ['cash:read'], feature: 'cash' },
      { name: 'withdrawals', icon: IconWithdrawals, needs: ['cash:read'], feature: 'cash' },
    ],
  },
  {
    name: 'shop',
    items: [
      { name: 'products', icon: IconProducts, needs: ['shop:read'] },
      { name: 'categories', icon: IconCategories, needs: ['shop:read'] },
      { name: 'shop-orders', icon: IconShopOrders, needs: ['shop_orders:read'] },
      { name: 'shop-refunds', icon: IconShopRefunds, needs: ['shop_orders:read'] },
    ],
  },
  {
    name: 'referral',
    items: [
      { name: 'referrals', icon: IconReferrals, needs: ['referral:read'] },
      { name: 'distributors', icon: IconDistributors, needs: ['referral:read'] },
      { name: 'commissions', icon: IconCommissions, needs: ['referral:read'] },
      { name: 'referral-rules', icon: IconReferralRules, needs: ['settings:read'] },
    ],
  },
  { name: 'orders', items: [{ name: 'orders', icon: IconBill, needs: ['orders:read'] }] },
  {
    name: 'settings',
    items: [
      { name: 'program', icon: IconProgram, needs: ['settings:read'] },
      { name: 'cash', icon: IconCash, needs: ['settings:read'] },
      { name: 'member-fields', icon: IconFields, needs: ['settings:read'] },
      { name: 'brand', icon: IconBrand, needs: ['settings:read'] },
      { name: 'payments', icon: IconPayments, needs: ['payments:read'] },
      { name: 'api-keys', icon: IconKey, needs: ['api_keys:read'] },
      { name: 'webhooks', icon: IconBroadcast, needs: ['webhooks:read'] },
      { name: 'staff', icon: IconStaff, needs: ['staff:read'] },
      { name: 'audit', icon: IconAudit, needs: ['audit:read'] },
    ],
  },
]

/** The menu as the person signed in may see it. */
export function visibleNav(): NavGroup[] {
  return NAV.map((group) => ({ ...group, items: group.items.filter((item) => can(...item.needs) && (!item.feature || boot.features[item.feature])) })).filter(
    (group) => group.items.length > 0,
  )
}

/** What a page asks of the person who opens it. */
export function needsOf(name: string): string[] {
  return NAV.flatMap((group) => group.items).find((item) => item.name === name)?.needs ?? []
}
