import { hashText, type Ids } from '@slipway/kernel';

const hex = (text: string, salt: number): string => hashText(text, salt).toString(16).padStart(8, '0');

/** `vol-` and 17 hexadecimal digits that follow from a text. Amazon's begin with 0 too. */
export const awsId = (prefix: string, text: string): string => `${prefix}-0${hex(text, 1)}${hex(text, 2)}`;

/** The next id of its kind in this world. */
export const nextAwsId = (ids: Ids, prefix: string): string => awsId(prefix, ids.next(`aws/${prefix}`));

/** The number in a balancer's name: ten digits that follow from it. */
export const tenDigits = (text: string): string => `${hashText(text, 3)}`.padStart(10, '1');

/** Sixteen hexadecimal digits that follow from a text. */
export const sixteenDigits = (text: string): string => hex(text, 4) + hex(text, 5);

/** `ip-172-18-0-2.ec2.internal`. Source: Amazon EC2 User Guide, "IP name". */
export function privateDns(address: string, region: string): string {
  const label = `ip-${address.replaceAll(/[.:]/g, '-')}`;
  return region === 'us-east-1' ? `${label}.ec2.internal` : `${label}.${region}.compute.internal`;
}
