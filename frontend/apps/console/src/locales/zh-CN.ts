import common from './zh-CN/common.ts'
import dashboard from './zh-CN/dashboard.ts'
import imports from './zh-CN/imports.ts'
import members from './zh-CN/members.ts'
import orders from './zh-CN/orders.ts'
import oversight from './zh-CN/oversight.ts'
import rules from './zh-CN/rules.ts'
import segments from './zh-CN/segments.ts'
import settings from './zh-CN/settings.ts'
import store from './zh-CN/store.ts'
import trials from './zh-CN/trials.ts'
import tiers from './zh-CN/tiers.ts'
import webhooks from './zh-CN/webhooks.ts'

/** The source of all texts; other languages are checked against its shape. */
export default { ...common, ...dashboard, ...imports, ...members, ...orders, ...rules, ...oversight, ...segments, ...store, ...settings, ...tiers, ...trials, ...webhooks }
