import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { isDay } from '../lib/period.ts'

/** A filter that lives in the address: shared by link, kept by the back button. */
export function useQueryParam(name: string, fallback = ''): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' ? value : fallback
    },
    set: (value) => {
      const query = { ...route.query, [name]: value === fallback || value === '' ? undefined : value }
      void router.replace({ query })
    },
  })
}

/** One of some choices in the address; the fallback when there is none, or none of these. */
export function useQueryChoice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): WritableComputedRef<Choice> {
  const text = useQueryParam(name, fallback)
  return computed({
    get: () => choices.find((choice) => choice === text.value) ?? fallback,
    set: (choice) => (text.value = choice),
  })
}

/** A day in the address; null when there is none, or none that exists. */
export function useQueryDay(name: string): WritableComputedRef<string | null> {
  const text = useQueryParam(name)
  return computed({
    get: () => (isDay(text.value) ? text.value : null),
    set: (day) => (text.value = day ?? ''),
  })
}
