import { messageOf } from '@slipway/kernel';

/**
 * True for what a call, the host or the kubelet itself answers in the course of things: an error with a code. Anything else is a defect,
 * which must stop the run and not be tried again.
 */
export function isExpectedFailure(error: unknown): boolean {
  return typeof error === 'object' && error !== null && typeof (error as { code?: unknown }).code === 'string';
}

/** A failed CRI call as gRPC prints it, which is how people know it from events; any other error as it is. */
export function rpcText(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  if (typeof code !== 'string' || !/^[A-Z]+(_[A-Z]+)*$/.test(code)) return messageOf(error);
  // Go spells this one with a single l.
  const words =
    code === 'CANCELLED'
      ? 'Canceled'
      : code
          .split('_')
          .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
          .join('');
  return `rpc error: code = ${words} desc = ${messageOf(error)}`;
}
