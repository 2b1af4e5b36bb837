import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadControlPlane } from './control-plane-choices.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-parts-'));
const file = join(folder, 'scenario.yaml');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const nothing = `watches: [], *reconcile() {}`;
write('mine.mjs', `export default { interface: 'controller', name: 'mine', create: () => ({ name: 'mine', ${nothing} }) };`);
write('rule.mjs', `export default { interface: 'scheduler', name: 'rule', create: () => ({ plugins: [] }) };`);
afterAll(() => rmSync(folder, { recursive: true }));

const place = { file, line: 3, column: 5 };
const part = () => ({ place, file });

describe('cluster.controlPlane', () => {
  it('paths: told from the scenario, with options', async () => {
    const { scheduler, controllers } = await loadControlPlane(
      { scheduler: './rule.mjs', controllers: { mine: { use: './mine.mjs', with: { a: 1 } } } },
      part,
    );
    expect(scheduler?.use).toMatchObject({ interface: 'scheduler', name: 'rule' });
    expect(controllers?.['mine']).toMatchObject({ use: { interface: 'controller', name: 'mine' }, with: { a: 1 } });
  });

  it.each([
    [{ kubelet: './mine.mjs' }, 'is a controller plugin, not a kubelet plugin'],
    [{ scheduler: './mine.mjs' }, 'is a controller plugin, not a scheduler plugin'],
    [{ controllers: { mine: { with: {} } } }, 'the controller plugin is not named'],
    [{ controllers: { mine: './gone.ts' } }, 'there is no plugin file'],
    [{ controllers: { mine: 'gone' } }, 'there is no controller plugin "gone"'],
  ])('%j: the place and what is wrong', async (given, message) => {
    await expect(loadControlPlane(given, part)).rejects.toMatchObject({
      name: 'InputError',
      problems: [{ place, message: expect.stringContaining(message) as unknown }],
    });
  });
});
