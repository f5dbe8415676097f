import { nextTick } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { isSignedIn, merchant } from './boot.ts'
import { t, type MessageKey } from './i18n.ts'
import Home from './pages/Home.vue'

declare module 'vue-router' {
  interface RouteMeta {
    title: MessageKey
    /** Shows the tab bar. */
    tab?: boolean
    /** Only for members who are signed in. */
    member?: boolean
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: Home, meta: { title: 'nav.home', tab: true } },
  { path: '/mall', name: 'mall', component: () => import('./pages/Mall.vue'), meta: { title: 'nav.mall', tab: true } },
  { path: '/mall/:id', name: 'mall-item', component: () => import('./pages/MallItem.vue'), props: true, meta: { title: 'item.title' } },
  { path: '/shop', name: 'shop', component: () => import('./pages/Shop.vue'), meta: { title: 'nav.shop', tab: true } },
  { path: '/shop/:id', name: 'product', component: () => import('./pages/Product.vue'), props: true, meta: { title: 'shop.product' } },
  { path: '/cart', name: 'cart', component: () => import('./pages/Cart.vue'), meta: { title: 'cart.title' } },
  { path: '/checkout', name: 'checkout', component: () => import('./pages/Checkout.vue'), meta: { title: 'checkout.title', member: true } },
  { path: '/orders', name: 'orders', component: () => import('./pages/Orders.vue'), meta: { title: 'orders.title', member: true } },
  { path: '/orders/:id', name: 'order', component: () => import('./pages/Order.vue'), props: true, meta: { title: 'orders.order', member: true } },
  { path: '/addresses', name: 'addresses', component: () => import('./pages/Addresses.vue'), meta: { title: 'addresses.title', member: true } },
  { path: '/wallet', name: 'wallet', component: () => import('./pages/Wallet.vue'), meta: { title: 'nav.wallet', tab: true } },
  { path: '/wallet/lots', name: 'lots', component: () => import('./pages/Lots.vue'), meta: { title: 'lots.title', member: true } },
  { path: '/wallet/cash', name: 'cash', component: () => import('./pages/CashWallet.vue'), meta: { title: 'cash.title', member: true } },
  { path: '/red-packets/:id', name: 'red-packet', component: () => import('./pages/RedPacket.vue'), props: true, meta: { title: 'redPacket.title', member: true } },
  { path: '/check-in', name: 'check-in', component: () => import('./pages/CheckIn.vue'), meta: { title: 'checkIn.title', member: true } },
  { path: '/tasks', name: 'tasks', component: () => import('./pages/Tasks.vue'), meta: { title: 'tasks.title', member: true } },
  { path: '/transfer', name: 'transfer', component: () => import('./pages/Transfer.vue'), meta: { title: 'transfer.title', member: true } },
  { path: '/membership', name: 'membership', component: () => import('./pages/Membership.vue'), meta: { title: 'membership.title', member: true } },
  { path: '/me', name: 'me', component: () => import('./pages/Me.vue'), meta: { title: 'nav.me', tab: true } },
  { path: '/coupons', name: 'coupons', component: () => import('./pages/Coupons.vue'), meta: { title: 'coupons.title' } },
  { path: '/coupons/mine', name: 'my-coupons', component: () => import('./pages/MyCoupons.vue'), meta: { title: 'coupons.mine', member: true } },
  { path: '/redemptions', name: 'redemptions', component: () => import('./pages/Redemptions.vue'), meta: { title: 'redemptions.title', member: true } },
  {
    path: '/redemptions/:id',
    name: 'redemption',
    component: () => import('./pages/Redemption.vue'),
    props: true,
    meta: { title: 'redemption.title', member: true },
  },
  { path: '/invite', name: 'invite', component: () => import('./pages/Invite.vue'), meta: { title: 'invite.title', member: true } },
  { path: '/r/:code', name: 'invited', component: () => import('./pages/Invited.vue'), props: true, meta: { title: 'invited.heading' } },
  { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: 'signIn.title' } },
  { path: '/:rest(.*)*', name: 'not-found', component: () => import('./pages/NotFound.vue'), meta: { title: 'notFound.title' } },
]

/** The pages of the storefront, with titles and the way through sign-in. */
export function createPageRouter() {
  const router = createRouter({
    history: createWebHistory('/'),
    routes,
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  })
  router.beforeEach((to) => (to.meta.member && !isSignedIn.value ? { name: 'sign-in', query: { next: to.fullPath }, replace: true } : true))
  router.afterEach(async (to, from) => {
    document.title = `${t(to.meta.title)} · ${merchant.name}`
    if (!from.name || from.path === to.path) return
    await nextTick()
    document.getElementById('main')?.focus({ preventScroll: true })
  })
  return router
}
