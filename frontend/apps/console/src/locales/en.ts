import cash from './en/cash.ts'
import common from './en/common.ts'
import coupons from './en/coupons.ts'
import dashboard from './en/dashboard.ts'
import imports from './en/imports.ts'
import members from './en/members.ts'
import orders from './en/orders.ts'
import oversight from './en/oversight.ts'
import payments from './en/payments.ts'
import products from './en/products.ts'
import referral from './en/referral.ts'
import rules from './en/rules.ts'
import segments from './en/segments.ts'
import settings from './en/settings.ts'
import shopOrders from './en/shopOrders.ts'
import store from './en/store.ts'
import trials from './en/trials.ts'
import tiers from './en/tiers.ts'
import webhooks from './en/webhooks.ts'
import type zh from './zh-CN.ts'

const en: typeof zh = { ...common, ...cash, ...coupons, ...dashboard, ...imports, ...members, ...orders, ...oversight, ...payments, ...products, ...referral, ...rules, ...segments, ...settings, ...shopOrders, ...store, ...tiers, ...trials, ...webhooks }

export default en
