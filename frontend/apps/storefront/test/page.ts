import type { Bootstrap } from '@jifen/shared'

/** The page a storefront module expects to run in; import this before anything that reads the bootstrap. */
const data: Bootstrap = {
  surface: 'storefront',
  merchant: {
    slug: 'tea',
    name: '青山茶铺',
    currency: 'CNY',
    timezone: 'Asia/Shanghai',
    locale: 'zh-hans',
    mode: 'live',
    logo: '🍵',
    brand: '#1f7a4d',
    on_brand: '#ffffff',
    brand_text: '#1f7a4d',
    point_name: '积分',
    point_name_one: '积分',
    points_per_unit: 100,
  },
  locale: 'zh-hans',
  csrf_token: 'token',
  member: null,
  session: null,
  features: { demo_sign_in: true },
  prefetch: {},
}

const script = document.createElement('script')
script.id = 'bootstrap'
script.type = 'application/json'
script.textContent = JSON.stringify(data)
document.head.append(script)

export default data
