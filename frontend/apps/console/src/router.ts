import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { needsOf } from './nav.ts'
import { can, session } from './session.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Menu entry the page belongs to; its permissions are the page's. */
    section?: string
    isPublic?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { isPublic: true } },
  {
    path: '/',
    component: () => import('./components/shell/AppShell.vue'),
    children: [
      { path: '', name: 'dashboard', component: () => import('./pages/DashboardPage.vue'), meta: { section: 'dashboard' } },
      { path: 'members', name: 'members', component: () => import('./pages/MembersPage.vue'), meta: { section: 'members' } },
      { path: 'members/:id', name: 'member', component: () => import('./pages/MemberPage.vue'), meta: { section: 'members' } },
      { path: 'imports', name: 'imports', component: () => import('./pages/ImportsPage.vue'), meta: { section: 'imports' } },
      { path: 'imports/new', name: 'import-new', component: () => import('./pages/NewImportPage.vue'), meta: { section: 'imports' } },
      { path: 'imports/of/:id', name: 'import', component: () => import('./pages/ImportPage.vue'), meta: { section: 'imports' } },
      { path: 'tiers', name: 'tiers', component: () => import('./pages/TiersPage.vue'), meta: { section: 'tiers' } },
      { path: 'segments', name: 'segments', component: () => import('./pages/SegmentsPage.vue'), meta: { section: 'segments' } },
      { path: 'segments/new', name: 'segment-new', component: () => import('./pages/SegmentPage.vue'), meta: { section: 'segments' } },
      { path: 'segments/of/:code', name: 'segment', component: () => import('./pages/SegmentPage.vue'), meta: { section: 'segments' } },
      { path: 'rules', name: 'rules', component: () => import('./pages/RulesPage.vue'), meta: { section: 'rules' } },
      { path: 'rules/new', name: 'rule-new', component: () => import('./pages/RulePage.vue'), meta: { section: 'rules' } },
      { path: 'rules/of/:code', name: 'rule', component: () => import('./pages/RulePage.vue'), meta: { section: 'rules' } },
      { path: 'backtests', name: 'backtests', component: () => import('./pages/BacktestsPage.vue'), meta: { section: 'backtests' } },
      { path: 'backtests/:id', name: 'backtest', component: () => import('./pages/BacktestPage.vue'), meta: { section: 'backtests' } },
      { path: 'funding', name: 'funding', component: () => import('./pages/FundingPage.vue'), meta: { section: 'funding' } },
      { path: 'settlement', name: 'settlement', component: () => import('./pages/SettlementPage.vue'), meta: { section: 'settlement' } },
      { path: 'settlement/parts', name: 'settlement-parts', component: () => import('./pages/SettlementPartsPage.vue'), meta: { section: 'settlement' } },
      { path: 'orders', name: 'orders', component: () => import('./pages/OrdersPage.vue'), meta: { section: 'orders' } },
      { path: 'orders/:id', name: 'order', component: () => import('./pages/OrderPage.vue'), meta: { section: 'orders' } },
      { path: 'mall', name: 'mall', component: () => import('./pages/MallPage.vue'), meta: { section: 'mall' } },
      { path: 'mall/new', name: 'mall-new', component: () => import('./pages/MallItemPage.vue'), meta: { section: 'mall' } },
      { path: 'coupons', name: 'coupons', component: () => import('./pages/CouponsPage.vue'), meta: { section: 'coupons' } },
      { path: 'coupons/new', name: 'coupon-new', component: () => import('./pages/CouponFormPage.vue'), meta: { section: 'coupons' } },
      { path: 'coupons/:code', name: 'coupon', component: () => import('./pages/CouponPage.vue'), meta: { section: 'coupons' } },
      { path: 'coupons/:code/edit', name: 'coupon-edit', component: () => import('./pages/CouponFormPage.vue'), meta: { section: 'coupons' } },
      { path: 'mall/:id', name: 'mall-item', component: () => import('./pages/MallItemPage.vue'), meta: { section: 'mall' } },
      { path: 'products', name: 'products', component: () => import('./pages/ProductsPage.vue'), meta: { section: 'products' } },
      { path: 'products/new', name: 'product-new', component: () => import('./pages/ProductPage.vue'), meta: { section: 'products' } },
      { path: 'products/:id', name: 'product', component: () => import('./pages/ProductPage.vue'), meta: { section: 'products' } },
      { path: 'categories', name: 'categories', component: () => import('./pages/CategoriesPage.vue'), meta: { section: 'categories' } },
      { path: 'pickup', name: 'pickup', component: () => import('./pages/PickupPage.vue'), meta: { section: 'pickup' } },
      { path: 'redemptions', name: 'redemptions', component: () => import('./pages/RedemptionsPage.vue'), meta: { section: 'redemptions' } },
      { path: 'cash', name: 'cash', component: () => import('./pages/CashPage.vue'), meta: { section: 'cash' } },
      { path: 'red-packets', name: 'red-packets', component: () => import('./pages/RedPacketsPage.vue'), meta: { section: 'red-packets' } },
      { path: 'red-packets/:id', name: 'red-packet', component: () => import('./pages/RedPacketPage.vue'), meta: { section: 'red-packets' } },
      { path: 'withdrawals', name: 'withdrawals', component: () => import('./pages/WithdrawalsPage.vue'), meta: { section: 'withdrawals' } },
      { path: 'referrals', name: 'referrals', component: () => import('./pages/ReferralsPage.vue'), meta: { section: 'referrals' } },
      { path: 'distributors', name: 'distributors', component: () => import('./pages/DistributorsPage.vue'), meta: { section: 'distributors' } },
      { path: 'commissions', name: 'commissions', component: () => import('./pages/CommissionsPage.vue'), meta: { section: 'commissions' } },
      { path: 'referral-rules', name: 'referral-rules', component: () => import('./pages/ReferralRulesPage.vue'), meta: { section: 'referral-rules' } },
      { path: 'shop-orders', name: 'shop-orders', component: () => import('./pages/ShopOrdersPage.vue'), meta: { section: 'shop-orders' } },
      { path: 'shop-orders/:id', name: 'shop-order', component: () => import('./pages/ShopOrderPage.vue'), meta: { section: 'shop-orders' } },
      { path: 'shop-refunds', name: 'shop-refunds', component: () => import('./pages/ShopRefundsPage.vue'), meta: { section: 'shop-refunds' } },
      { path: 'program', name: 'program', component: () => import('./pages/ProgramPage.vue'), meta: { section: 'program' } },
      { path: 'member-fields', name: 'member-fields', component: () => import('./pages/MemberFieldsPage.vue'), meta: { section: 'member-fields' } },
      { path: 'brand', name: 'brand', component: () => import('./pages/BrandPage.vue'), meta: { section: 'brand' } },
      { path: 'payments', name: 'payments', component: () => import('./pages/PaymentsPage.vue'), meta: { section: 'payments' } },
      { path: 'api-keys', name: 'api-keys', component: () => import('./pages/ApiKeysPage.vue'), meta: { section: 'api-keys' } },
      { path: 'approvals', name: 'approvals', component: () => import('./pages/ApprovalsPage.vue'), meta: { section: 'approvals' } },
      { path: 'staff', name: 'staff', component: () => import('./pages/StaffPage.vue'), meta: { section: 'staff' } },
      { path: 'audit', name: 'audit', component: () => import('./pages/AuditPage.vue'), meta: { section: 'audit' } },
      { path: 'webhooks', name: 'webhooks', component: () => import('./pages/WebhooksPage.vue'), meta: { section: 'webhooks' } },
      { path: 'webhooks/:id', name: 'webhook', component: () => import('./pages/WebhookPage.vue'), meta: { section: 'webhooks' } },
      { path: 'no-access', name: 'no-access', component: () => import('./pages/NoAccessPage.vue') },
      { path: ':path(.*)*', name: 'not-found', component: () => import('./pages/NotFoundPage.vue') },
    ],
  },
]

/** The pages of the console; signed-out visitors come back to where they wanted to go. */
export function makeRouter() {
  const router = createRouter({
    history: createWebHistory('/console/'),
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  })
  router.beforeEach((to) => {
    if (to.meta.isPublic) return session.value ? { name: 'dashboard' } : true
    if (!session.value) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { next: to.fullPath } }
    if (to.meta.section && !can(...needsOf(to.meta.section))) return { name: 'no-access' }
    return true
  })
  return router
}
