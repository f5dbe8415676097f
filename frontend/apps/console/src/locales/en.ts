import common from './en/common.ts'
import dashboard from './en/dashboard.ts'
import members from './en/members.ts'
import orders from './en/orders.ts'
import oversight from './en/oversight.ts'
import settings from './en/settings.ts'
import store from './en/store.ts'
import tiers from './en/tiers.ts'
import type zh from './zh-CN.ts'

const en: typeof zh = { ...common, ...dashboard, ...members, ...orders, ...oversight, ...store, ...settings, ...tiers }

export default en
