import type { PublicationIn, RuleDocument, RuleIn, RuleSheet } from '@jifen/api/console'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, type Ref } from 'vue'
import { call, format } from '../boot.ts'
import { limitWords, rewardWords, triggerWords } from '../lib/ruleWords.ts'
import { can } from '../session.ts'
import { type Choice, useChoices } from './useChoices.ts'
import { useText } from './useText.ts'

const MINUTE = 60_000

export function useRules() {
  return useQuery({ queryKey: ['rules'], queryFn: ({ signal }) => call('GET /earning-rules', { signal }) })
}

/** One rule; none while the page makes a new one. */
export function useRule(code: Readonly<Ref<string>>) {
  return useQuery({
    queryKey: computed(() => ['rules', code.value]),
    queryFn: ({ signal }) => call('GET /earning-rules/{rule_code}', { path: { rule_code: code.value }, signal }),
    enabled: computed(() => code.value !== ''),
  })
}

/** What the conditions of a rule can speak of. */
export function useRuleFields(trigger: Readonly<Ref<string>>) {
  // Events of one's own all have the same fields, whatever they are called.
  const asked = computed(() => (trigger.value === 'custom' ? 'custom:any' : trigger.value))
  return useQuery({
    queryKey: computed(() => ['rule-fields', asked.value]),
    queryFn: ({ signal }) => call('GET /earning-rule-fields', { query: { trigger: asked.value }, signal }),
    staleTime: 10 * MINUTE,
  })
}

/** Every change of a rule; each answers the rule as it is then. */
export function useRuleActions() {
  const cache = useQueryClient()
  const onSuccess = (rule: RuleSheet) => {
    cache.setQueryData(['rules', rule.code], rule)
    return cache.invalidateQueries({ queryKey: ['rules'], exact: true })
  }
  const add = useMutation({ mutationFn: (body: RuleIn) => call('POST /earning-rules', { body }), onSuccess })
  const change = useMutation({
    mutationFn: ({ code, document }: { code: string; document: RuleDocument }) =>
      call('PATCH /earning-rules/{rule_code}', { path: { rule_code: code }, body: { ...document } }),
    onSuccess,
  })
  const publish = useMutation({
    mutationFn: ({ code, body }: { code: string; body: PublicationIn }) => call('POST /earning-rules/{rule_code}/publications', { path: { rule_code: code }, body }),
    onSuccess,
  })
  const stop = useMutation({ mutationFn: (code: string) => call('POST /earning-rules/{rule_code}/suspension', { path: { rule_code: code }, body: {} }), onSuccess })
  const discard = useMutation({
    mutationFn: (code: string) => call('DELETE /earning-rules/{rule_code}/draft', { path: { rule_code: code } }),
    onSuccess: (_, code) => Promise.all([cache.invalidateQueries({ queryKey: ['rules'], exact: true }), cache.invalidateQueries({ queryKey: ['rules', code] })]),
  })
  return { add, change, publish, stop, discard }
}

/** Rules in words. */
export function useRuleText() {
  const { t } = useText()
  // Only who sees coupons elsewhere reads their names; others read their codes.
  const names = can('coupons:read') ? useChoices('coupon').data : ref<Choice[]>()
  const couponName = (code: string) => names.value?.find((one) => one.code === code)?.name ?? code
  const texts = { t, format, couponName }
  return {
    trigger: (trigger: string) => triggerWords(trigger, texts),
    reward: (document: RuleDocument) => rewardWords(document.reward, texts),
    limits: (document: RuleDocument) => limitWords(document, texts),
  }
}
