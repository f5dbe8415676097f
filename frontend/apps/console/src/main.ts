import { ApiError } from '@jifen/api'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp, watch } from 'vue'
import App from './App.vue'
import { boot, merchant } from './boot.ts'
import { loadI18n } from './i18n.ts'
import { wearBrand } from './lib/wearBrand.ts'
import { makeRouter } from './router.ts'
import { rememberSession, session } from './session.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'

const MOST_RETRIES = 2

/** A refusal stays one; only silence and server failures are worth another try. */
const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < MOST_RETRIES && error instanceof ApiError && error.isTemporary,
    },
  },
})

wearBrand(merchant.brand)
rememberSession(boot.session)
const router = makeRouter()

watch(session, (signedIn) => {
  const here = router.currentRoute.value
  if (signedIn || here.meta.isPublic) return
  queryClient.clear()
  void router.push({ name: 'sign-in', query: { next: here.fullPath } })
})

const i18n = await loadI18n(boot.locale)
createApp(App).use(i18n).use(VueQueryPlugin, { queryClient }).use(router).mount('#app')
