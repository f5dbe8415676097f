import type { Bootstrap } from '@jifen/shared'

/** The page a console module expects to run in; import this before anything that reads the bootstrap. */
const data: Bootstrap = {
  surface: 'console',
  merchant: {
    slug: 'tea',
    name: 'Green Hill Tea',
    currency: 'CNY',
    timezone: 'Asia/Shanghai',
    locale: 'en',
    mode: 'live',
    logo: '🍵',
    brand: '#1f7a4d',
    on_brand: '#ffffff',
    brand_text: '#1f7a4d',
    point_name: 'points',
    points_per_unit: 100,
  },
  locale: 'en',
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
