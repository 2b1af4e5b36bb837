import { describe, expect, it } from 'vitest';
import { makeOciSubject, ociCases, ociDistributionCases, ociRuntimeCases } from './conformance.ts';
import { OciRegistry, Runc } from './mocks/index.ts';

describe('conformance: runc', () => {
  for (const { title, id, run } of ociRuntimeCases) {
    it(`${title} (${id})`, async () => {
      expect(await run(() => makeOciSubject({ runtime: (host) => new Runc(host) }))).toBeUndefined();
    });
  }
});

describe('conformance: registry', () => {
  for (const { title, id, run } of ociDistributionCases) {
    it(`${title} (${id})`, async () => {
      expect(await run(() => makeOciSubject({ distribution: () => new OciRegistry() }))).toBeUndefined();
    });
  }
});

describe('conformance', () => {
  it('conformance: every case has an id of its own', () => {
    expect(new Set(ociCases.map(({ id }) => id)).size).toBe(ociCases.length);
  });

  it('conformance: a registry that deletes nothing is not failed for it', async () => {
    const connect = () => makeOciSubject({ distribution: () => new OciRegistry({ deletion: false }) });
    const outcomes = await Promise.all(ociDistributionCases.filter(({ id }) => id.includes('.delete.')).map(({ run }) => run(connect)));
    expect(outcomes).toSatisfy((all: readonly unknown[]) => all.length === 4 && all.every((one) => one !== undefined));
  });

  it('conformance: a runtime that starts containers while it creates them is found out', async () => {
    class Hasty extends Runc {
      override create(request: Parameters<Runc['create']>[0]): ReturnType<Runc['create']> {
        const answer = super.create(request);
        void super.start(request);
        return answer;
      }
    }
    const created = ociRuntimeCases.find(({ id }) => id === 'oci.runtime.create.created');
    await expect(created?.run(() => makeOciSubject({ runtime: (host) => new Hasty(host) }))).rejects.toThrow('the status is created');
  });
});
