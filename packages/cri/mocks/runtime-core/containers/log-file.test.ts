import { Disk } from '@slipway/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';
import { rfc3339NanoTrimmed } from '../timestamps.ts';

const line = fc.string({ maxLength: 60 }).map((text) => text.replaceAll('\n', ' '));

describe('log file', () => {
  it('parts put together are what was printed, and only the last part is tagged F', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ stream: fc.constantFrom('stdout', 'stderr'), text: line }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 20 }),
        (printed, maxLineLength) => {
          const disk = new Disk();
          const log = new LogFile(
            disk,
            '/var/log/pods/p/c/0.log',
            { maxLineLength, timestamp: rfc3339NanoTrimmed },
            () => 1_767_225_600_000_000,
          );
          log.open();
          for (const { stream, text } of printed) log.write(stream, text);
          const read: { stream: string; text: string }[] = [];
          let partial = '';
          for (const entry of disk.readText(log.path).split('\n').slice(0, -1)) {
            const [, stream = '', tag = '', content = ''] = /^\S+ (stdout|stderr) (P|F) (.*)$/.exec(entry) ?? [];
            expect(content.length).toBeLessThanOrEqual(maxLineLength);
            partial += content;
            if (tag === 'P') continue;
            read.push({ stream, text: partial });
            partial = '';
          }
          expect(read).toEqual(printed);
          expect(partial).toBe('');
        },
      ),
    );
  });

  it('open: keeps what is there', () => {
    const disk = new Disk();
    const log = new LogFile(disk, '/logs/0.log', { maxLineLength: 100, timestamp: rfc3339NanoTrimmed }, () => 0);
    log.write('stdout', 'one');
    log.open();
    expect(disk.readText('/logs/0.log')).toBe('1970-01-01T00:00:00Z stdout F one\n');
  });
});
