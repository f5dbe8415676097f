import type { AcceptOut } from '@jifen/api/storefront'

interface Bridge {
  invoke(name: string, input: Record<string, string>, done: (answer: unknown) => void): void
}

const bridge = (): Bridge | undefined => (window as { WeixinJSBridge?: Bridge }).WeixinJSBridge

/** Whether the page is open inside of WeChat, which alone can show its own confirmation. */
export const isInWechat = (): boolean => bridge() !== undefined

/** Shows the page on which a member accepts a transfer; the poller learns what became of it. */
export function acceptInWechat(accept: AcceptOut): void {
  bridge()?.invoke('requestMerchantTransfer', { mchId: accept.mchid, appId: accept.appid, package: accept.package }, () => undefined)
}
