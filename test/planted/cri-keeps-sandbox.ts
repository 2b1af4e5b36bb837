// Wrong: RemovePodSandbox says that it is done, and keeps the sandbox.
import { runtimeWith } from './correct/runtime.ts';

export default runtimeWith(() => ({ removePodSandbox: () => ({}) }));
