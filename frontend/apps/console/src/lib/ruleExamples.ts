import type { RuleIn } from '@jifen/api/console'

type Example = Pick<RuleIn, 'code' | 'trigger' | 'reward' | 'conditions' | 'limits'> & { picture: string }

/** Rules many shops begin with; one press makes a draft of them. Their names are texts `rules.examples.<code>`. */
export const RULE_EXAMPLES: Example[] = [
  { code: 'double-friday', picture: '1f389', trigger: 'order.completed', reward: { kind: 'multiplier', factor: '2' }, conditions: { '==': [{ var: 'clock.weekday' }, 5] } },
  { code: 'monthly-review', picture: '2b50', trigger: 'review.posted', reward: { kind: 'fixed', points: 30 }, limits: { per_member: { month: 1 } } },
  { code: 'welcome-gift', picture: '1f381', trigger: 'member.registered', reward: { kind: 'fixed', points: 100 }, limits: { per_member: { ever: 1 } } },
]
