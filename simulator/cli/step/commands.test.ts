import { describe, expect, test } from 'vitest';
import { ARROWS } from '../../step/index.ts';
import { ARROW_KEYS, KEYS, parseCommand } from './commands.ts';

describe('a command', () => {
  test.each([
    ['', { do: 'next' }],
    [' n ', { do: 'next' }],
    ['s', { do: 'step' }],
    ['p default/web', { do: 'only', name: 'default/web' }],
    ['p', { do: 'only', name: undefined }],
    ['f error 11', { do: 'inject', injection: { arrow: 'error', detail: '11' } }],
    ['f loseAnswer', { do: 'inject', injection: { arrow: 'lose', detail: undefined } }],
    ['w my scenario.yaml', { do: 'write', file: 'my scenario.yaml' }],
    ['quit', { do: 'quit' }],
    ['# a note', { do: 'nothing' }],
  ])('%j is understood', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test.each([
    ['nxt', 'did you mean "next"?'],
    ['x', '"x" is no command (? lists them)'],
    ['f', 'f needs an arrow (error, lose,'],
    ['f eror', 'did you mean "error"?'],
    ['f hang 3s', '"3s" says nothing here'],
    ['f delay soon', '"soon" is no duration'],
    ['n 3', '"3" says nothing here'],
    ['constructor', 'is no command'],
    ['f constructor', 'is no arrow'],
  ])('%j is refused with what to write instead', (line, message) => {
    const command = parseCommand(line);
    expect(command.do).toBe('unknown');
    expect('message' in command && command.message).toContain(message);
  });

  test('each listed key is one, and each arrow has a key', () => {
    for (const { key } of KEYS) expect(parseCommand(key === 'f' ? 'f error' : key).do).not.toBe('unknown');
    expect([...ARROW_KEYS.values()]).toEqual(Object.keys(ARROWS));
  });
});
