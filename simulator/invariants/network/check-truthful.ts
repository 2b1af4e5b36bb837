import type { CheckRequest, Result } from '@slipway/cni';
import { canonicalIp } from '@slipway/host';
import { messageOf } from '@slipway/kernel';
import type { Attachment } from '../facts/index.ts';
import { isLinkFailure } from '../dispatch.ts';
import type { Invariant } from '../invariant.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/**
 * Judged at each CHECK that a plugin answers with a result that its ADD gave, by the interfaces of the machine: with all addresses where
 * ADD put them it passes, with one missing it fails. Routes, rules and other things that a plugin may look at as well can be wrong with
 * all addresses there: a failure is held against it only while nobody but the plugins has touched the namespace, which nobody does.
 */
export const checkTruthful: Invariant = {
  id: 'NET-13',
  name: 'check-truthful',
  kind: 'S',
  holds: 'CHECK right after ADD passes with the ADD result; after tampering it fails',
  watch: (_world, { violated, met }, { attachments }) => ({
    answered: {
      'cni.Plugin/Check'({ call, answer, ok, code, disturbed }) {
        const attachment = attachments.find(call);
        if (!attachment || !attachment.visible || disturbed || isLinkFailure(code) || !attachments.isLive(attachment)) return;
        const { config } = call.full as CheckRequest;
        if (!isResultOf(attachment, config.prevResult)) return;
        met();
        const namespace = attachments.namespace(attachment);
        const missing = attachment.ips.filter((ip) => namespace?.has(ip) !== true);
        const where = `interface ${attachment.ifname} of ${describe(attachment)}`;
        if (ok && missing.length > 0) {
          violated(`${answer.actor} passed ${call.name}, though ${missing.join(' and ')} is not on ${where}`, titleOfAttached(attachment));
        } else if (!ok && missing.length === 0 && namespace?.interfaces.get(attachment.ifname)?.up === true) {
          violated(
            `${answer.actor} failed ${call.name} with ${code} (${messageOf(answer.full)}), though ${where} is as ADD left it`,
            titleOfAttached(attachment),
          );
        }
      },
    },
  }),
};

/** Whether the result has the addresses that the plugin's ADD answered. */
function isResultOf({ ips }: Attachment, result: Result | undefined): boolean {
  const told = new Set(result?.ips?.map(({ address }) => canonicalIp(address.split('/')[0] ?? '')));
  return told.size === ips.length && ips.every((ip) => told.has(canonicalIp(ip)));
}
