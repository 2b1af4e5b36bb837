import { stringify } from 'yaml';

const LONGEST = 100;

/** Plain data on one line, as YAML would have it in its flow style; long ones are cut. */
export function oneLine(data: unknown): string {
  const text = stringify(data, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false })
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
